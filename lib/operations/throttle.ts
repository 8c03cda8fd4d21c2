/** Says at most one thing in a while: the first at once, then the latest when the time has come. */
export class Throttle {
  readonly #say: () => void;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #pending = false;

  constructor(everyMs: number, say: () => void) {
    this.#everyMs = everyMs;
    this.#say = say;
  }

  /** There is something new to say. */
  offer(): void {
    if (this.#timer) {
      this.#pending = true;
      return;
    }
    this.#timer = setTimeout(() => this.#next(), this.#everyMs);
    this.#say();
  }

  /** There is something new, but it can wait. */
  later(): void {
    this.#pending = true;
    this.#timer ??= setTimeout(() => this.#next(), this.#everyMs);
  }

  /** What is pending is not said any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#pending = false;
  }

  #next(): void {
    this.#timer = undefined;
    if (!this.#pending) return;
    this.#pending = false;
    this.offer();
  }
}
