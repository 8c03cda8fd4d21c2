import { VirtflowError } from '../model/errors.ts';
import { learnSecret } from '../model/secret-text.ts';
import type { Safe } from './safe.ts';

/** Where changes are recorded together with what they change: the audit record. */
export interface ChangeRecord {
  change<T>(work: () => T, what: string, who: string, about: Readonly<Record<string, unknown>>): T;
}

/** What may be told of a secret. */
export interface SecretEntry {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly setAt: number;
  readonly setBy: string;
  /** The key that it is encrypted with, counted from 1. */
  readonly key: number;
}

const room = 'secret';
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const longestBytes = 65_536;

/** Secrets by name. Who changed which is in the audit record, the values are not. */
export class Vault {
  readonly #safe: Safe;
  readonly #record: ChangeRecord;

  constructor(safe: Safe, record: ChangeRecord) {
    this.#safe = safe;
    this.#record = record;
  }

  /** Keeps a secret, in the place of one that has the name. @throws SECRET_INVALID, SECRET_KEY_*, STORE_* */
  set(by: string, name: string, value: string): void {
    checkName(name);
    checkValue(name, value);
    const work = () => this.#safe.put(room, name, value, { setAt: Date.now(), setBy: by });
    this.#record.change(work, 'secret.set', by, { name });
    learnSecret(value);
  }

  /** @throws SECRET_UNKNOWN, SECRET_DAMAGED, SECRET_KEY_*, STORE_* */
  get(name: string): string {
    const value = this.#safe.get(room, name);
    if (value === undefined) throw unknown(name);
    return value;
  }

  list(): readonly SecretEntry[] {
    return this.#safe.list(room).map(({ name, sealed, about }) => ({
      name,
      setAt: typeof about.setAt === 'number' ? about.setAt : 0,
      setBy: String(about.setBy),
      key: sealed.key,
    }));
  }

  /** @throws SECRET_UNKNOWN, STORE_* */
  remove(by: string, name: string): void {
    if (!this.list().some((entry) => entry.name === name)) throw unknown(name);
    this.#record.change(() => this.#safe.delete(room, name), 'secret.removed', by, { name });
  }

  /** Gives up all that is encrypted, for a key that is lost; answers how many texts there were. @throws STORE_* */
  removeAll(by: string): number {
    return this.#record.change(() => this.#safe.clear(), 'secret.all-removed', by, {});
  }

  /** Encrypts all anew; answers how many texts there were. @throws SECRET_KEY_*, SECRET_DAMAGED, STORE_* */
  rotateKey(by: string, given?: Buffer): number {
    return this.#safe.rotate((change) => this.#record.change(change, 'secret.key-rotated', by, {}), given);
  }
}

function unknown(name: string): VirtflowError {
  return new VirtflowError('SECRET_UNKNOWN', { name });
}

function checkName(name: string): void {
  if (namePattern.test(name)) return;
  const reason = 'a name begins with a letter or digit and holds letters, digits, dot, dash and underscore, 64 at most';
  throw new VirtflowError('SECRET_INVALID', { name, reason });
}

function checkValue(name: string, value: string): void {
  if (value === '') throw new VirtflowError('SECRET_INVALID', { name, reason: 'it is empty' });
  if (Buffer.byteLength(value) > longestBytes) {
    throw new VirtflowError('SECRET_INVALID', { name, reason: `it is longer than ${longestBytes} bytes` });
  }
}
