import type { QueryFrame } from '../../../lib/metrics/store/result.ts';

/** Rows as they can be compared; sums in another order differ in their last digits, so `close` figures take the other's. */
export function rowsOf(frames: readonly QueryFrame[], like: readonly QueryFrame[] = []) {
  return frames.map(({ tags, times, columns }, frame) => ({
    tags,
    rows: times.map((at, row) => [
      at,
      ...columns.map(({ values }, column) => alike(values[row], like[frame]?.columns[column]?.values[row])),
    ]),
  }));
}

function alike(value: number | null | undefined, other: number | null | undefined): number | null | undefined {
  if (typeof value !== 'number' || typeof other !== 'number') return value;
  const isClose = Math.abs(value - other) <= 1e-9 * Math.max(Math.abs(value), Math.abs(other), 1e-3);
  return isClose ? other : value;
}
