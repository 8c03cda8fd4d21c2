import type { Clock } from '../calendar/clock.ts';
import { abortable } from '../operations/waiting.ts';

/** Whether one that waits may go on; null: not yet. Rejects with why it never will. */
export type Look = () => Promise<boolean>;

interface Waiter {
  readonly look: Look;
  readonly go: () => void;
  readonly giveUp: (reason: unknown) => void;
}

const lookEveryMs = 1_000;

/** Operations that wait for room, in their order: who came first is looked at first. */
export class Waiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** Resolves when `look` says so; rejects with what it throws, or with the signal's reason. */
  async wait(look: Look, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { look, go: resolve, giveUp: reject };
    this.#waiting.add(waiter);
    this.#watch();
    await abortable(promise, signal).finally(() => this.#waiting.delete(waiter));
  }

  /** Something has changed: looks at all of them, now. */
  review(): void {
    if (this.#looking !== undefined) this.#again = true;
    else this.#looking = this.#lookAtAll().finally(() => this.#done());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting.clear();
  }

  #done(): void {
    this.#looking = undefined;
    const again = this.#again;
    this.#again = false;
    if (again) this.review();
    else this.#watch();
  }

  async #lookAtAll(): Promise<void> {
    for (const waiter of [...this.#waiting]) {
      try {
        if (!this.#waiting.has(waiter) || !(await waiter.look())) continue;
        waiter.go();
      } catch (reason) {
        waiter.giveUp(reason);
      }
      this.#waiting.delete(waiter);
    }
  }

  #watch(): void {
    if (this.#waiting.size === 0 || this.#cancel) return;
    this.#cancel = this.#clock.after(lookEveryMs, () => {
      this.#cancel = undefined;
      this.review();
    });
  }
}
