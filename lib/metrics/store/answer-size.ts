import { VirtflowError } from '../../model/errors.ts';
import { bucketOf, readFrom } from './frames.ts';
import type { QueryPlan } from './plan.ts';

/** Rows that an answer may have before it is refused. */
export const mostRows = 1_000_000;

/** Rows of each series where empty buckets are filled: as many as there are buckets, however few have figures. */
export function filledRows(plan: QueryPlan): number | undefined {
  const { intervalMs, fill, to } = plan;
  if (intervalMs === undefined || fill.type === 'none') return undefined;
  return Math.floor((to - bucketOf(readFrom(plan), intervalMs)) / intervalMs) + 1;
}

/**
 * Before anything is filled.
 * @param found rows of each series
 * @throws METRIC_QUERY_TOO_LARGE
 */
export function checkSize(plan: QueryPlan, found: readonly number[]): void {
  const filled = filledRows(plan) ?? 0;
  const rows = found.reduce((sum, own) => sum + Math.max(own, filled), 0);
  if (rows > mostRows) throw new VirtflowError('METRIC_QUERY_TOO_LARGE', { rows: mostRows });
}
