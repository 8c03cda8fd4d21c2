import type { Clock } from '../calendar/clock.ts';

/** A time line that never goes back, for what is counted; the wall clock is set by people and time servers. */
export class Timeline {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.monotonicMs();
  }

  /** Where a time of the wall clock lies; one that is still to come, after the clock was set back, is now. */
  at(wall: number): number {
    return this.now() - Math.max(0, this.#clock.now() - wall);
  }

  /** The wall clock at a place of the line, also one to come. */
  wall(at: number): number {
    return this.#clock.now() + (at - this.now());
  }
}
