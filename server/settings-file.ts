import { join } from 'node:path';
import { type MqttSettings, parseMqttSettings } from '../lib/api/mqtt/settings.ts';
import { VirtflowError } from '../lib/model/errors.ts';
import { type ChosenOperationsSettings, parseOperationsSettings } from '../lib/operations/settings.ts';
import { readPrivateJson } from '../lib/store/private-file.ts';

/** What people write into `settings.json` of the data directory; without the file everything has its default. */
export interface FileSettings {
  readonly mqtt: MqttSettings;
  readonly operations: ChosenOperationsSettings;
}

const known: readonly string[] = ['mqtt', 'operations'];

/** @throws OPTION_INVALID, STORE_BROKEN */
export function readSettingsFile(dataDirectory: string): FileSettings {
  const path = join(dataDirectory, 'settings.json');
  const value = readPrivateJson(path) ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new VirtflowError('STORE_BROKEN', { path, reason: 'it is not a JSON object' });
  }
  const entries: Record<string, unknown> = { ...value };
  const odd = Object.keys(entries).find((key) => !known.includes(key));
  if (odd !== undefined) {
    throw new VirtflowError('OPTION_INVALID', { option: odd, reason: `${path} knows ${known.join(' and ')} only` });
  }
  return { mqtt: parseMqttSettings(entries.mqtt), operations: parseOperationsSettings(entries.operations) };
}
