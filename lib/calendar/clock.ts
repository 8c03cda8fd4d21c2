/** Where time comes from: the machine in production, the test's hand in tests. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch; it may jump both ways. */
  now(): number;
  /** Milliseconds since some moment; it never goes back and does not jump with the wall clock. */
  monotonicMs(): number;
  /** Runs once after a monotonic delay, unless the answered function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** A longer `setTimeout` would overflow and fire at once. */
const longestDelayMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), longestDelayMs));
    return () => clearTimeout(timer);
  },
};
