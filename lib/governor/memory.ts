import type { States } from '../store/store.ts';
import type { Books, Keeper } from './books.ts';
import type { Breaker } from './breaker.ts';
import type { Timeline } from './timeline.ts';

const breakerRoom = 'governor-breakers';
const stormRoom = 'governor-storms';
const stormEveryMs = 1_000;

/** Keeps breakers and storms on disk, in times of the wall clock. */
export class Memory implements Keeper {
  readonly #states: States;
  readonly #line: Timeline;
  readonly #changed: () => void;
  readonly #storms = new Map<string, number>();

  constructor(states: States, line: Timeline, changed: () => void) {
    this.#states = states;
    this.#line = line;
    this.#changed = changed;
  }

  breaker(rule: string, scope: string, { failures, openedAt, trial }: Breaker, at: number): void {
    const wall = (time: number) => this.#line.wall(time);
    const kept = {
      failures: failures.map(wall),
      openedAt: openedAt === null ? null : wall(openedAt),
      trial,
      // The journal's times are whole milliseconds: what ended in this one is counted already.
      at: wall(at) + 1,
    };
    this.#states.put(breakerRoom, keyOf(rule, scope), kept);
    this.#changed();
  }

  /** Not more often than it matters: each message of a storm puts its end off. */
  storm(rule: string, scope: string, until: number): void {
    const key = keyOf(rule, scope);
    const before = this.#storms.get(key) ?? Number.NEGATIVE_INFINITY;
    if (until - before < stormEveryMs) return;
    this.#storms.set(key, until);
    const now = this.#line.now();
    this.#states.put(stormRoom, key, { at: this.#line.wall(now), leftMs: until - now });
    this.#changed();
  }

  /** Gives the books of these rules what was kept, and forgets what is of rules that there are no more. */
  restore(books: Books): void {
    const known = new Set(books.rules.map(({ id }) => id));
    for (const { key, value } of this.#states.list(breakerRoom)) {
      const { rule, scope } = partsOf(key);
      const kept = breakerOf(value, this.#line);
      if (kept && known.has(rule) && !isOver(kept, this.#line.now() - books.reachMs))
        books.restoreBreaker(rule, scope, kept.breaker, kept.at);
      else this.#states.delete(breakerRoom, key);
    }
    for (const { key, value } of this.#states.list(stormRoom)) {
      const { rule, scope } = partsOf(key);
      const until = this.#line.at(numberIn(value, 'at') ?? 0) + (numberIn(value, 'leftMs') ?? 0);
      if (known.has(rule) && until > this.#line.now()) books.restoreStorm(rule, scope, until);
      else this.#states.delete(stormRoom, key);
    }
  }
}

/** A closed breaker says from when on failures count; after the window there are none before. */
function isOver({ breaker, at }: { breaker: Breaker; at: number }, before: number): boolean {
  return breaker.openedAt === null && at < before;
}

function breakerOf(value: unknown, line: Timeline): { breaker: Breaker; at: number } | undefined {
  const at = numberIn(value, 'at');
  if (at === undefined || typeof value !== 'object' || value === null || !('failures' in value)) return undefined;
  const { failures } = value;
  const openedAt = numberIn(value, 'openedAt');
  const trial = 'trial' in value && typeof value.trial === 'string' ? value.trial : null;
  const times = Array.isArray(failures) ? failures.filter((time) => typeof time === 'number') : [];
  const breaker = {
    failures: times.map((time) => line.at(time)),
    openedAt: openedAt === undefined ? null : line.at(openedAt),
    trial,
  };
  return { breaker, at: line.at(at) };
}

function numberIn(value: unknown, name: string): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof found === 'number' ? found : undefined;
}

function keyOf(rule: string, scope: string): string {
  return `${rule}\n${scope}`;
}

function partsOf(key: string): { rule: string; scope: string } {
  const at = key.indexOf('\n');
  return { rule: key.slice(0, at), scope: key.slice(at + 1) };
}
