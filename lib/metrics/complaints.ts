import type { Clock } from '../calendar/clock.ts';
import type { ErrorRecord } from '../model/errors.ts';
import type { Log } from '../model/log.ts';

/** What fails with each round need not be told each time. */
const againAfterMs = 3_600_000;

/** What goes wrong again and again, told in the log once an hour. */
export class Complaints {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #told = new Map<string, number>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** @param about of what, for the message */
  tell(about: string, { code, message, advice }: ErrorRecord): void {
    const now = this.#clock.monotonicMs();
    for (const [key, at] of this.#told) if (now - at >= againAfterMs) this.#told.delete(key);
    const key = `${about} ${code}`;
    if (this.#told.has(key)) return;
    this.#told.set(key, now);
    this.#log.warn(`${about}: ${message} ${advice} [${code}]`);
  }
}
