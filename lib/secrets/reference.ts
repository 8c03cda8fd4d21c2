import { readFileSync } from 'node:fs';
import { VirtflowError } from '../model/errors.ts';
import { learnSecret } from '../model/secret-text.ts';
import { fromKeyring, keyringEntry } from './keyring.ts';
import type { Vault } from './vault.ts';

/** Answers a secret setting's value, at the moment when it is used. */
export type Reveal = (setting: string) => string;

type Source = 'secret' | 'env' | 'file' | 'keyring';

/** Whole settings alone: a password may hold anything, and a part of it is never read as something else. */
const referencePattern = /^\$\{([a-z]+):(.*)\}$/s;
/** Node-RED has put in the variable by now, where there is one. */
const variablePattern = /^\$\{([A-Za-z_]\w*)\}$/;
const longestBytes = 65_536;

/**
 * Reads secret settings: `${secret:NAME}` of the vault, `${env:NAME}`, `${file:/path}`, `${keyring:service/account}`;
 * anything else is the secret itself. What was revealed is shown in no error and no log line from then on.
 */
export function revealWith(vault: Pick<Vault, 'get'>): Reveal {
  const sources: Readonly<Record<Source, (name: string) => string>> = {
    secret: (name) => vault.get(name),
    env: fromEnvironment,
    file: fromFile,
    keyring: keyringValue,
  };
  return (setting) => {
    const value = written(setting, sources);
    learnSecret(value);
    return value;
  };
}

/** Takes settings as they are; for those who have no vault. */
export const asWritten: Reveal = (setting) => {
  learnSecret(setting);
  return setting;
};

/** @throws SECRET_UNRESOLVED, SECRET_UNKNOWN, SECRET_DAMAGED, SECRET_KEY_*, SECRET_KEYRING_UNAVAILABLE, STORE_* */
function written(setting: string, sources: Readonly<Record<Source, (name: string) => string>>): string {
  const [, source, name = ''] = referencePattern.exec(setting) ?? [];
  if (source !== undefined) {
    if (!isSource(source, sources)) throw unresolved(setting, `there are ${Object.keys(sources).join(', ')} only`);
    if (name === '') throw unresolved(setting, 'it names nothing');
    return sources[source](name);
  }
  const variable = variablePattern.exec(setting)?.[1];
  if (variable !== undefined) throw unresolved(setting, `there is no environment variable ${variable}`);
  return setting;
}

function isSource(name: string, sources: object): name is Source {
  return Object.hasOwn(sources, name);
}

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw unresolved(`\${env:${name}}`, value === '' ? 'the variable is empty' : 'the variable is not set');
}

/** Without the line break that an editor or `echo` puts at the end. */
function fromFile(path: string): string {
  const reference = `\${file:${path}}`;
  const value = textOf(reference, path).replace(/\r?\n$/, '');
  if (value === '') throw unresolved(reference, 'the file is empty');
  if (Buffer.byteLength(value) <= longestBytes) return value;
  throw unresolved(reference, `the file is longer than ${longestBytes} bytes`);
}

function textOf(reference: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unresolved(reference, error instanceof Error ? error.message : String(error));
  }
}

function keyringValue(text: string): string {
  const reference = `\${keyring:${text}}`;
  const entry = keyringEntry(text);
  if (!entry) throw unresolved(reference, 'it is not of the form service/account');
  const value = fromKeyring(entry);
  if (value) return value;
  throw unresolved(reference, 'the keyring has no such entry');
}

function unresolved(reference: string, reason: string): VirtflowError {
  return new VirtflowError('SECRET_UNRESOLVED', { reference, reason });
}
