import { randomBytes } from 'node:crypto';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { KeySource } from '../../lib/secrets/key-source.ts';
import { Safe, type SafeStore } from '../../lib/secrets/safe.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';

export const code = (expected: string) => (error: unknown) => error instanceof VirtflowError && error.code === expected;

/** A key that a test holds in its hand; `next` is one that a rotation has put beside it. */
export class KeyInHand implements KeySource {
  readonly name = 'the hand of a test';
  key: Buffer | undefined;
  next: Buffer | undefined;
  /** Dies before a new key takes the old one's place. */
  dies = false;

  constructor(key: Buffer | undefined = randomBytes(32)) {
    this.key = key;
  }

  keys(): readonly Buffer[] {
    return [this.key, this.next].filter((one) => one !== undefined);
  }

  readonly place = {
    takesFirst: true,
    keepNext: (key: Buffer) => {
      this.next = key;
    },
    settle: (key: Buffer) => {
      if (this.dies) throw new Error('killed');
      this.key = key;
      this.next = undefined;
    },
  };
}

export function aStore(): SafeStore {
  return openSqliteStore(':memory:');
}

export function aSafe(store: SafeStore, source: KeySource): Safe {
  const safe = new Safe(store, source);
  safe.open();
  return safe;
}
