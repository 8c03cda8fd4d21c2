import type { Clock } from '../calendar/clock.ts';

const retryMs = 1_000;

/** When to look whether an approval has run out of time. It has by the wall clock; a timer only says when to look. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #due: (id: string) => void;
  readonly #timers = new Map<string, () => void>();

  constructor(clock: Clock, due: (id: string) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  watch({ id, expiresAt }: { readonly id: string; readonly expiresAt: number }): void {
    this.#after(id, expiresAt - this.#clock.now());
  }

  /** What was due could not be done. */
  retry(id: string): void {
    this.#after(id, retryMs);
  }

  forget(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  stop(): void {
    for (const id of [...this.#timers.keys()]) this.forget(id);
  }

  #after(id: string, ms: number): void {
    this.forget(id);
    this.#timers.set(
      id,
      this.#clock.after(ms, () => this.#due(id)),
    );
  }
}
