/** Marks on a time line, by a key; a mark is of one operation and counts until the window has passed over it. */
export class Tally {
  readonly #windowMs: number;
  readonly #marks = new Map<string, Map<string, number>>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Sets a mark, or moves it. */
  put(key: string, operation: string, at: number): void {
    const marks = this.#marks.get(key) ?? new Map<string, number>();
    this.#marks.set(key, marks.set(operation, at));
  }

  drop(key: string, operation: string): void {
    const marks = this.#marks.get(key);
    marks?.delete(operation);
    if (marks?.size === 0) this.#marks.delete(key);
  }

  /** How many count now, beside those of one operation. */
  used(key: string, now: number, except?: string): number {
    const marks = this.#current(key, now);
    return marks.size - (except !== undefined && marks.has(except) ? 1 : 0);
  }

  /** When fewer than `limit` count if nothing comes in between; null when that is never. */
  freesAt(key: string, now: number, limit: number): number | null {
    if (limit <= 0) return null;
    const times = [...this.#current(key, now).values()].sort((a, b) => a - b);
    const last = times[times.length - limit];
    return last === undefined ? now : last + this.#windowMs;
  }

  keys(now: number): readonly string[] {
    return [...this.#marks.keys()].filter((key) => this.#current(key, now).size > 0);
  }

  #current(key: string, now: number): ReadonlyMap<string, number> {
    const marks = this.#marks.get(key);
    if (!marks) return none;
    for (const [operation, at] of marks) if (at + this.#windowMs <= now) marks.delete(operation);
    if (marks.size === 0) this.#marks.delete(key);
    return marks;
  }
}

const none: ReadonlyMap<string, number> = new Map();
