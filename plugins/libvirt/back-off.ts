/** How long to wait before the next try: 0.5 s, doubled with each failure up to 30 s, give or take a fifth. */
export function retryDelayMs(failures: number, random = Math.random): number {
  const delay = Math.min(longestMs, shortestMs * 2 ** Math.min(Math.max(failures - 1, 0), 10));
  // Many connections that were lost together do not come back together.
  return Math.round(delay * (0.8 + 0.4 * random()));
}

const shortestMs = 500;
const longestMs = 30_000;

/** A connection that held so long was no failure: the next loss is followed by a short wait again. */
export const stableAfterMs = 10_000;
