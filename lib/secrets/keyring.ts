import { execFileSync } from 'node:child_process';
import { VirtflowError } from '../model/errors.ts';
import type { KeySource } from './key-source.ts';
import { readKey, writeKey } from './key-text.ts';

/** The operating system's keyring: the Secret Service (GNOME Keyring, KWallet, KeePassXC), by libsecret's own command. */
const command = 'secret-tool';
/** A keyring that is locked asks somebody at a screen, and nobody is there. */
const answersWithinMs = 3_000;

/** An entry of the keyring, by the two attributes that most programs use. */
export interface KeyringEntry {
  readonly service: string;
  readonly account: string;
}

/** Reads `service/account`; undefined when it is not of that form. */
export function keyringEntry(text: string): KeyringEntry | undefined {
  const [, service, account] = /^([^/\s][^/]*)\/(\S.*)$/.exec(text) ?? [];
  return service === undefined || account === undefined ? undefined : { service, account };
}

/** Undefined when it has no such entry. @throws SECRET_KEYRING_UNAVAILABLE */
export function fromKeyring({ service, account }: KeyringEntry): string | undefined {
  return ask(['lookup', 'service', service, 'account', account]);
}

/** @throws SECRET_KEYRING_UNAVAILABLE */
export function toKeyring({ service, account }: KeyringEntry, value: string): void {
  ask(['store', `--label=${service} ${account}`, 'service', service, 'account', account], value);
}

/** @throws SECRET_KEYRING_UNAVAILABLE */
export function removeFromKeyring({ service, account }: KeyringEntry): void {
  ask(['clear', 'service', service, 'account', account]);
}

/** A master key that is kept in the keyring, `service/account`; made there when there is none. */
export function keyInKeyring(text: string): KeySource {
  const name = `the keyring's entry ${text}`;
  const entry = keyringEntry(text);
  if (!entry) throw new VirtflowError('SECRET_KEY_INVALID', { source: name, reason: 'it is not service/account' });
  const next = { ...entry, account: `${entry.account} (next)` };
  const read = (one: KeyringEntry) => {
    const found = fromKeyring(one);
    return found === undefined ? [] : [readKey(found, name)];
  };
  return {
    name,
    keys: () => [...read(entry), ...read(next)],
    place: {
      takesFirst: true,
      keepNext: (key) => toKeyring(next, writeKey(key)),
      settle: (key) => {
        toKeyring(entry, writeKey(key));
        removeFromKeyring(next);
      },
    },
  };
}

/** The value goes by standard input: whoever lists processes sees arguments. */
function ask(args: readonly string[], input = ''): string | undefined {
  try {
    return execFileSync(command, args, {
      input,
      env: inUtf8(),
      encoding: 'utf8',
      timeout: answersWithinMs,
      stdio: 'pipe',
    });
  } catch (error) {
    if (hasNothing(error)) return undefined;
    throw new VirtflowError('SECRET_KEYRING_UNAVAILABLE', { reason: reasonOf(error) }, { cause: error });
  }
}

/** A service has no locale, and libsecret takes its arguments in the one it finds: in C, `ü` is refused. */
function inUtf8(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C.UTF-8' };
}

/** `lookup` and `clear` answer 1 without a word when there is no such entry. */
function hasNothing(error: unknown): boolean {
  if (!(error instanceof Error && 'status' in error && 'stderr' in error)) return false;
  return error.status === 1 && String(error.stderr).trim() === '';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return `the command ${command} is not installed`;
  if ('code' in error && error.code === 'ETIMEDOUT') return 'it does not answer; it may be locked';
  const said = 'stderr' in error ? String(error.stderr).trim().replace(/\.$/, '') : '';
  return said.replace(/^secret-tool: /, '') || 'it does not answer';
}
