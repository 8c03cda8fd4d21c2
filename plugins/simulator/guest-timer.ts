import type { WorldClock } from './clock.ts';

/** The one thing that a guest is doing and that takes time; it stands still while the VM is paused. */
export class GuestTimer {
  #cancel: (() => void) | undefined;
  #run: (() => void) | undefined;
  #dueAt = 0;
  #leftMs = 0;

  set(clock: WorldClock, delayMs: number, run: () => void): void {
    this.clear();
    this.#run = run;
    this.#leftMs = delayMs;
    this.thaw(clock);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#run = undefined;
  }

  freeze(clock: WorldClock): void {
    if (!this.#cancel) return;
    this.#cancel();
    this.#cancel = undefined;
    this.#leftMs = Math.max(0, this.#dueAt - clock.now());
  }

  thaw(clock: WorldClock): void {
    const run = this.#run;
    if (!run || this.#cancel) return;
    this.#dueAt = clock.now() + this.#leftMs;
    this.#cancel = clock.after(this.#leftMs, () => {
      this.clear();
      run();
    });
  }
}
