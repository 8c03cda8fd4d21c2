import type { StreamFact } from './fact.ts';

/** A fact that waits to be told. */
export interface Waiting {
  readonly fact: StreamFact;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How many before it were left out, for it says what they came to. */
  readonly coalesced: number;
}

/**
 * Facts that wait for their reader, in order. Progress is replaced by later progress; once the reader is slow, so is
 * whatever an object or operation went through by how it stands now.
 */
export class Backlog {
  readonly #waiting = new Map<string, Waiting>();
  #number = 0;

  get size(): number {
    return this.#waiting.size;
  }

  add(fact: StreamFact, at: number, isSlow: boolean): void {
    const name = (isSlow ? fact.whenSlow : fact.replaces) ?? fact.replaces;
    const key = name ?? `${this.#number++}`;
    const before = this.#waiting.get(key);
    // What comes last is told last.
    if (before) this.#waiting.delete(key);
    this.#waiting.set(key, { fact, at, coalesced: before ? before.coalesced + 1 : 0 });
  }

  next(): Waiting | undefined {
    for (const [key, waiting] of this.#waiting) {
      this.#waiting.delete(key);
      return waiting;
    }
    return undefined;
  }
}
