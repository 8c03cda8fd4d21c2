import type { Clock } from '../../lib/calendar/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A clock that goes only when the test says so. */
export class DrivenClock implements Clock {
  #now: number;
  #monotonicMs = 0;
  readonly #timers = new Set<Timer>();

  /** @param start the wall clock, milliseconds since the epoch or an ISO time */
  constructor(start: number | string = '2026-01-01T00:00:00Z') {
    this.#now = typeof start === 'number' ? start : Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time go by, with every timer at its moment. */
  advance(ms: number): void {
    const end = this.#monotonicMs + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) this.#fire(next);
    this.#set(end);
  }

  /** Like `advance`, and what timers set off gets its turn after each. */
  async run(ms: number): Promise<void> {
    const end = this.#monotonicMs + ms;
    await turn();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#fire(next);
      await turn();
    }
    this.#set(end);
  }

  /** Moves both clocks on at once, as if the machine had slept; timers fire late, once. */
  leap(ms: number): void {
    this.#set(this.#monotonicMs + ms);
    this.advance(0);
  }

  /** Sets the wall clock without time going by. */
  set(wall: number | string): void {
    this.#now = typeof wall === 'number' ? wall : Date.parse(wall);
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.dueMs <= end && (!first || timer.dueMs < first.dueMs)) first = timer;
    return first;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#set(Math.max(timer.dueMs, this.#monotonicMs));
    timer.run();
  }

  #set(monotonicMs: number): void {
    this.#now += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}

/** Lets promises that can go on do so. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
