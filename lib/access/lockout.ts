import { createHash } from 'node:crypto';
import { VirtflowError } from '../model/errors.ts';
import type { States } from '../store/store.ts';

interface Limit {
  /** Failures that cost nothing yet. */
  readonly free: number;
  readonly longestMs: number;
}

/** One who guesses a password, and one machine that guesses those of many; behind a proxy all are one machine. */
const limits = {
  user: { free: 5, longestMs: 15 * 60_000 },
  source: { free: 20, longestMs: 5 * 60_000 },
  /** One machine that comes with tokens that nobody has. */
  presenter: { free: 20, longestMs: 5 * 60_000 },
} as const satisfies Record<string, Limit>;

const firstLockMs = 1000;
const forgottenAfterMs = 24 * 3_600_000;
const pruneEveryMs = 3_600_000;
const room = 'login-failures';

interface Failures {
  readonly count: number;
  /** Milliseconds since the epoch, of the latest. */
  readonly at: number;
}

/**
 * Makes guessing slow: after some failures each further one doubles the time to wait, for a user's name (whether there
 * is such a user or not) and for the source it comes from. It survives a restart.
 */
export class Lockout {
  readonly #states: States;
  #prunedAt = 0;

  constructor(states: States) {
    this.#states = states;
  }

  /**
   * Counts an attempt as failed before it is looked at, so that many at once are no way around.
   * @throws LOCKED_OUT
   */
  begin(user: string, source: string | undefined): void {
    this.#count(keysOf(user, source));
  }

  /** Counts a token that was wrong. A right one is not held up by it: there is nothing to guess. @throws LOCKED_OUT */
  wrongToken(source: string | undefined): void {
    this.#count([[`token ${source ?? 'unknown'}`, limits.presenter]]);
  }

  /** The attempt that was begun was right: the user's failures are forgotten, the source's stay but for this. */
  succeeded(user: string, source: string | undefined): void {
    const [[own], ...others] = keysOf(user, source);
    this.#states.delete(room, own);
    for (const [key] of others) this.#put(key, this.#read(key).count - 1);
  }

  #count(keys: readonly [string, Limit][]): void {
    const waitMs = Math.max(...keys.map(([key, limit]) => this.#lockedForMs(key, limit)));
    if (waitMs > 0) throw new VirtflowError('LOCKED_OUT', { seconds: Math.ceil(waitMs / 1000) });
    for (const [key] of keys) this.#put(key, this.#read(key).count + 1);
    this.#prune();
  }

  #lockedForMs(key: string, { free, longestMs }: Limit): number {
    const { count, at } = this.#read(key);
    if (count < free) return 0;
    return at + Math.min(firstLockMs * 2 ** (count - free), longestMs) - Date.now();
  }

  #read(key: string): Failures {
    const failures = parse(this.#states.get(room, key));
    // One of the future was written by a clock that was wrong.
    const isCurrent = failures && Math.abs(Date.now() - failures.at) < forgottenAfterMs;
    return isCurrent ? failures : { count: 0, at: 0 };
  }

  #put(key: string, count: number): void {
    if (count > 0) this.#states.put(room, key, { count, at: Date.now() });
    else this.#states.delete(room, key);
  }

  #prune(): void {
    const now = Date.now();
    if (now - this.#prunedAt < pruneEveryMs) return;
    this.#prunedAt = now;
    for (const { key } of this.#states.list(room)) if (this.#read(key).count === 0) this.#states.delete(room, key);
  }
}

/** The name is digested, for people type their password there. */
function keysOf(user: string, source: string | undefined): [[string, Limit], ...[string, Limit][]] {
  const name = createHash('sha256').update(user).digest('hex').slice(0, 32);
  const own: [string, Limit] = [`user ${name}`, limits.user];
  return source === undefined ? [own] : [own, [`source ${source}`, limits.source]];
}

function parse(value: unknown): Failures | undefined {
  if (typeof value !== 'object' || value === null || !('count' in value && 'at' in value)) return undefined;
  const { count, at } = value;
  return typeof count === 'number' && typeof at === 'number' ? { count, at } : undefined;
}
