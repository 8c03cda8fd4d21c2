import { randomBytes } from 'node:crypto';
import { VirtflowError } from '../model/errors.ts';
import type { Store } from '../store/store.ts';
import { keyBytes, MasterKey, type Sealed } from './cipher.ts';
import type { KeySource } from './key-source.ts';

export type SafeStore = Pick<Store, 'states' | 'transaction'>;

/**
 * What is kept encrypted: secrets by name, what operations that have not ended need of their parameters, messages that
 * action nodes have taken and not sent on yet, messages that wait for an approval or for somebody to be told, and the
 * key of the journal of runs.
 */
const rooms = [
  'secret',
  'operation-parameters',
  'delivery',
  'approval-message',
  'notification-message',
  'run-journal-key',
] as const;
export type SafeRoom = (typeof rooms)[number];

/** Which key the rooms are encrypted with. */
interface KeyRecord {
  readonly version: number;
  readonly fingerprint: string;
}

/** A text in the safe; what is beside it is readable without the key. */
export interface SafeEntry {
  readonly name: string;
  readonly sealed: Sealed;
  readonly about: Readonly<Record<string, unknown>>;
}

const keyRoom = 'secret-key';
const keyName = 'current';

/**
 * Texts that are encrypted at rest, in the store. Each use sees whether the key is still the one of the store, for
 * another process may have given it a new one.
 */
export class Safe {
  readonly #store: SafeStore;
  readonly #source: KeySource;
  #key: MasterKey | undefined;

  constructor(store: SafeStore, source: KeySource) {
    this.#store = store;
    this.#source = source;
  }

  /**
   * Finds the key, and makes one where there is nothing yet. Nothing is changed when it fails.
   * @throws SECRET_KEY_MISSING, SECRET_KEY_WRONG, SECRET_KEY_INVALID, SECRET_KEYRING_UNAVAILABLE, STORE_*
   */
  open(): void {
    this.#store.transaction(() => {
      const record = this.#record();
      if (record && !this.#isEmpty()) this.#key = this.#find(record);
      else this.#adopt(record);
    });
  }

  /** @throws SECRET_KEY_*, SECRET_KEYRING_UNAVAILABLE, STORE_* */
  put(room: SafeRoom, name: string, text: string, about: SafeEntry['about'] = {}): void {
    this.#store.transaction(() => {
      const { key, version } = this.#current();
      this.#store.states.put(room, name, { about, sealed: key.seal(text, version, placeOf(room, name)) });
    });
  }

  /** Undefined when there is none. @throws SECRET_DAMAGED, SECRET_KEY_*, SECRET_KEYRING_UNAVAILABLE, STORE_* */
  get(room: SafeRoom, name: string): string | undefined {
    return this.#store.transaction(() => {
      const value = this.#store.states.get(room, name);
      return value === undefined ? undefined : this.#unseal(this.#current().key, room, entryOf(name, value));
    });
  }

  delete(room: SafeRoom, name: string): void {
    this.#store.states.delete(room, name);
  }

  /** Empties every room: where the key is lost, another begins. Answers how many texts there were. */
  clear(): number {
    const entries = rooms.flatMap((room) => this.#store.states.list(room).map(({ key }) => ({ room, key })));
    for (const { room, key } of entries) this.delete(room, key);
    return entries.length;
  }

  /** In the order of their names; nothing is decrypted. */
  list(room: SafeRoom): readonly SafeEntry[] {
    return this.#store.states.list(room).map(({ key, value }) => entryOf(key, value));
  }

  /**
   * Encrypts everything anew with another key: all of it, or nothing. Answers how many texts there were.
   * @param recorded does the change and records it, as one
   * @param given the new key where virtflow cannot put one itself
   * @throws SECRET_KEY_*, SECRET_DAMAGED, STORE_*
   */
  rotate(recorded: (change: () => number) => number, given?: Buffer): number {
    const { place, name } = this.#source;
    if (!given && !place) throw new VirtflowError('SECRET_KEY_NOT_OURS', { source: name });
    const bytes = given ?? randomBytes(keyBytes);
    const count = recorded(() => {
      const { key, version } = this.#current();
      // On disk before anything is encrypted with it: whenever the process dies, one of the two opens everything.
      if (!given) place?.keepNext(bytes);
      return this.#reseal(key, new MasterKey(bytes), version + 1);
    });
    this.#key = new MasterKey(bytes);
    // Where another process rotates as well, one after the other.
    if (!given) this.#store.transaction(() => place?.settle(bytes));
    return count;
  }

  #reseal(from: MasterKey, to: MasterKey, version: number): number {
    let count = 0;
    for (const room of rooms) {
      for (const entry of this.list(room)) {
        const text = this.#unseal(from, room, entry);
        const sealed = to.seal(text, version, placeOf(room, entry.name));
        this.#store.states.put(room, entry.name, { about: entry.about, sealed });
        count += 1;
      }
    }
    this.#write({ version, fingerprint: to.fingerprint });
    return count;
  }

  #unseal(key: MasterKey, room: SafeRoom, { name, sealed }: SafeEntry): string {
    try {
      return key.unseal(sealed, placeOf(room, name));
    } catch (error) {
      throw new VirtflowError('SECRET_DAMAGED', { name }, { cause: error });
    }
  }

  #current(): { key: MasterKey; version: number } {
    const record = this.#record();
    if (!record) throw new VirtflowError('SECRET_KEY_MISSING', { source: this.#source.name });
    if (this.#key?.fingerprint !== record.fingerprint) this.#key = this.#find(record);
    return { key: this.#key, version: record.version };
  }

  #find(record: KeyRecord): MasterKey {
    const keys = this.#source.keys();
    const { name: source } = this.#source;
    if (keys.length === 0) throw new VirtflowError('SECRET_KEY_MISSING', { source });
    const bytes = keys.find((one) => new MasterKey(one).fingerprint === record.fingerprint);
    if (!bytes) throw new VirtflowError('SECRET_KEY_WRONG', { source });
    if (bytes !== keys[0]) this.#source.place?.settle(bytes);
    return new MasterKey(bytes);
  }

  /** Nothing is encrypted yet: whatever key there is will do. */
  #adopt(record: KeyRecord | undefined): void {
    this.#key = new MasterKey(this.#source.keys()[0] ?? this.#makeFirst());
    const { fingerprint } = this.#key;
    if (record?.fingerprint !== fingerprint) this.#write({ version: (record?.version ?? 0) + 1, fingerprint });
  }

  #makeFirst(): Buffer {
    const { place, name } = this.#source;
    if (!place?.takesFirst) throw new VirtflowError('SECRET_KEY_MISSING', { source: name });
    const bytes = randomBytes(keyBytes);
    place.keepNext(bytes);
    place.settle(bytes);
    return bytes;
  }

  #isEmpty(): boolean {
    return rooms.every((room) => this.#store.states.list(room).length === 0);
  }

  #record(): KeyRecord | undefined {
    const value = this.#store.states.get(keyRoom, keyName);
    if (!isRecord(value)) return undefined;
    const { version, fingerprint } = value;
    return typeof version === 'number' && typeof fingerprint === 'string' ? { version, fingerprint } : undefined;
  }

  #write(record: KeyRecord): void {
    this.#store.states.put(keyRoom, keyName, record);
  }
}

function placeOf(room: SafeRoom, name: string): string {
  return `${room}/${name}`;
}

/** @throws SECRET_DAMAGED */
function entryOf(name: string, value: unknown): SafeEntry {
  if (isRecord(value) && isRecord(value.sealed) && isRecord(value.about)) {
    const { key, nonce, text } = value.sealed;
    if (typeof key === 'number' && typeof nonce === 'string' && typeof text === 'string') {
      return { name, sealed: { key, nonce, text }, about: value.about };
    }
  }
  throw new VirtflowError('SECRET_DAMAGED', { name });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
