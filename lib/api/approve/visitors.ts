const windowMs = 60_000;
const addressesAtMost = 10_000;

/** How often each address has come within the last minute. */
export class Visitors {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #counts = new Map<string, { since: number; count: number }>();

  constructor(limit: number, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Whether one more is fine. */
  admit(address: string): boolean {
    const now = this.#now();
    const known = this.#counts.get(address);
    if (!known || now - known.since >= windowMs) {
      this.#makeRoom(now);
      this.#counts.set(address, { since: now, count: 1 });
      return true;
    }
    known.count += 1;
    return known.count <= this.#limit;
  }

  #makeRoom(now: number): void {
    if (this.#counts.size < addressesAtMost) return;
    for (const [address, { since }] of this.#counts) if (now - since >= windowMs) this.#counts.delete(address);
    if (this.#counts.size >= addressesAtMost) this.#counts.clear();
  }
}
