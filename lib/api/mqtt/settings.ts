import { readFileSync } from 'node:fs';
import { VirtflowError } from '../../model/errors.ts';
import type { Reveal } from '../../secrets/reference.ts';

/** A broker somewhere else, instead of the one inside. */
export interface ExternalBroker {
  /** mqtt://host:1883, mqtts://host:8883, ws:// or wss://. */
  readonly url: string;
  readonly username?: string;
  /** The password or a reference to it; the other two name a file and an environment variable that hold it. */
  readonly password?: string;
  readonly passwordFile?: string;
  readonly passwordVariable?: string;
  /** Files in PEM format: the authority that signed the broker's certificate, our own certificate and its key. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** 5 unless the broker knows 3.1.1 only, which is 4. */
  readonly protocolVersion?: 4 | 5;
}

/** `embedded` is the broker inside, on the loopback address alone; `off` is no MQTT at all. */
export type BrokerChoice = 'embedded' | 'off' | ExternalBroker;

export interface MqttSettings {
  readonly broker: BrokerChoice;
  /** The first part of every topic; one level or several, no wildcards. */
  readonly baseTopic: string;
}

export const defaultMqttSettings: MqttSettings = { broker: 'embedded', baseTopic: 'virtflow' };

const texts = ['url', 'username', 'password', 'passwordFile', 'passwordVariable', 'ca', 'cert', 'key'] as const;
const known: readonly string[] = [...texts, 'baseTopic', 'protocolVersion'];

/**
 * Reads the `mqtt` settings: false for none, nothing for the broker inside, `{ url, … }` for another.
 * @throws OPTION_INVALID
 */
export function parseMqttSettings(value: unknown): MqttSettings {
  if (value === undefined || value === true) return defaultMqttSettings;
  if (value === false) return { ...defaultMqttSettings, broker: 'off' };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('mqtt', 'it is not an object');
  const entries: Record<string, unknown> = { ...value };
  for (const key of Object.keys(entries)) if (!known.includes(key)) throw invalid(`mqtt.${key}`, 'there is none such');
  const baseTopic = parseBaseTopic(entries.baseTopic);
  if (entries.url === undefined) return { broker: 'embedded', baseTopic };
  return { broker: parseExternal(entries), baseTopic };
}

/** The password, from wherever the settings say it is. @throws SECRET_* */
export function passwordOf(broker: ExternalBroker, reveal: Reveal): string | undefined {
  const { password, passwordFile, passwordVariable } = broker;
  if (passwordFile !== undefined) return reveal(`\${file:${passwordFile}}`);
  if (passwordVariable !== undefined) return reveal(`\${env:${passwordVariable}}`);
  return password === undefined ? undefined : reveal(password);
}

/** @throws OPTION_INVALID */
export function readOption(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(option, error instanceof Error ? error.message : String(error));
  }
}

function parseExternal(entries: Readonly<Record<string, unknown>>): ExternalBroker {
  const found: Record<string, string> = {};
  for (const key of texts) {
    const value = entries[key];
    if (value === undefined) continue;
    if (typeof value !== 'string' || value === '') throw invalid(`mqtt.${key}`, 'it is not a text');
    found[key] = value;
  }
  const version = entries.protocolVersion;
  if (version !== undefined && version !== 4 && version !== 5)
    throw invalid('mqtt.protocolVersion', 'it is not 4 or 5');
  return { ...found, url: parseUrl(found.url ?? ''), ...(version === undefined ? {} : { protocolVersion: version }) };
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^(mqtts?|wss?):$/.test(url.protocol) || url.hostname === '') {
    throw invalid('mqtt.url', 'it is not of the form mqtt://host:port, mqtts://, ws:// or wss://');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('mqtt.url', 'user and password do not belong into a URL; use username and password');
  }
  return text;
}

function parseBaseTopic(value: unknown): string {
  if (value === undefined) return defaultMqttSettings.baseTopic;
  if (typeof value === 'string' && /^[^+#/$\p{Cc}][^+#/\p{Cc}]*(\/[^+#/\p{Cc}]+)*$/u.test(value)) return value;
  throw invalid('mqtt.baseTopic', 'a topic has no wildcards, no empty level, and does not begin with $');
}

function invalid(option: string, reason: string): VirtflowError {
  return new VirtflowError('OPTION_INVALID', { option, reason });
}
