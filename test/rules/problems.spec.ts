import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { Platform } from '../../lib/platform.ts';
import { silent } from '../platform-on-simulator.ts';

it('a rule that cannot keep its state is told in the log, with what to do, and not each second', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'problems-'));
  const told: string[] = [];
  const log = { ...silent, error: (text: string) => told.push(text) };
  const mqtt = { ...defaultMqttSettings, broker: 'off' as const };
  const platform = new Platform({ dataDirectory, log, drivers: new DriverRegistry(), mqtt, metrics: 'off' });
  platform.start();
  const full = new VirtflowError('STORE_FULL', { path: '/somewhere/state.db' });
  platform.rules.problems.publish(full.toJSON());
  platform.rules.problems.publish(full.toJSON());
  await platform.stop();
  rmSync(dataDirectory, { recursive: true });
  assert.deepEqual(told, [`rules: ${full.message} ${full.advice} [STORE_FULL]`]);
});
