/** Runs of a schedule that go on in a flow: each ends when its message comes back, or after a time. */
export class Runs {
  readonly #longestMs: number;
  readonly #open = new Map<number, () => void>();

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  /** Resolves once the run of a slot has ended. */
  ended(slot: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(limit);
        this.#open.delete(slot);
        resolve();
      };
      const limit = setTimeout(end, this.#longestMs);
      this.#open.set(slot, end);
      signal.addEventListener('abort', end, { once: true });
    });
  }

  /** The message of a slot came back. One that is not waited for, is of a run that ended before. */
  end(slot: number): void {
    this.#open.get(slot)?.();
  }
}
