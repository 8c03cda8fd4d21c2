import { join } from 'node:path';
import { VirtflowError } from '../model/errors.ts';
import { keyFile } from './key-file.ts';
import type { KeySource } from './key-source.ts';
import { readKey } from './key-text.ts';
import { keyInKeyring } from './keyring.ts';

export interface KeyEnvironment {
  readonly VIRTFLOW_KEY?: string | undefined;
  readonly VIRTFLOW_KEY_FILE?: string | undefined;
  readonly VIRTFLOW_KEY_KEYRING?: string | undefined;
  readonly CREDENTIALS_DIRECTORY?: string | undefined;
}

const chosen = ['VIRTFLOW_KEY_FILE', 'VIRTFLOW_KEY', 'VIRTFLOW_KEY_KEYRING'] as const;
/** As systemd names it: LoadCredential=virtflow-key:/path, or LoadCredentialEncrypted=. */
const credentialName = 'virtflow-key';

/**
 * Where the key is, as the environment says; else a credential of the systemd unit, else a file in the data directory.
 * @throws SECRET_KEY_INVALID when it says two things
 */
export function keySourceOf(env: KeyEnvironment, dataDirectory: string): KeySource {
  const given = chosen.filter((name) => env[name] !== undefined && env[name] !== '');
  if (given.length > 1) {
    const reason = 'there can be one only';
    throw new VirtflowError('SECRET_KEY_INVALID', { source: given.join(' and '), reason });
  }
  if (env.VIRTFLOW_KEY_FILE) return keyFile(env.VIRTFLOW_KEY_FILE, 'given');
  if (env.VIRTFLOW_KEY) return keyInVariable('VIRTFLOW_KEY', env.VIRTFLOW_KEY);
  if (env.VIRTFLOW_KEY_KEYRING) return keyInKeyring(env.VIRTFLOW_KEY_KEYRING);
  return credential(env.CREDENTIALS_DIRECTORY) ?? keyFile(join(dataDirectory, 'secrets.key'), 'own');
}

function keyInVariable(name: string, text: string): KeySource {
  const source = `the environment variable ${name}`;
  return { name: source, keys: () => [readKey(text, source)] };
}

function credential(directory: string | undefined): KeySource | undefined {
  if (!directory) return undefined;
  const { name, keys } = keyFile(join(directory, credentialName), 'given');
  return keys().length > 0 ? { name, keys } : undefined;
}

/**
 * What the environment says about the key. The key itself is taken out of it: flows can read the environment, and
 * processes that they start inherit it.
 */
export function takeKeyEnvironment(env: NodeJS.ProcessEnv = process.env): KeyEnvironment {
  const key = env.VIRTFLOW_KEY ?? taken.get(env);
  taken.set(env, key);
  delete env.VIRTFLOW_KEY;
  return {
    VIRTFLOW_KEY: key,
    VIRTFLOW_KEY_FILE: env.VIRTFLOW_KEY_FILE,
    VIRTFLOW_KEY_KEYRING: env.VIRTFLOW_KEY_KEYRING,
    CREDENTIALS_DIRECTORY: env.CREDENTIALS_DIRECTORY,
  };
}

const taken = new WeakMap<NodeJS.ProcessEnv, string | undefined>();
