import type { QueryPlan } from '../plan.ts';

/** A statement of ours; all that comes from outside is bound to it. */
export interface Statement {
  readonly sql: string;
  readonly values: Record<string, bigint | number>;
}

/** When a row of the answer is; `$width` is bound where there are buckets, `$from` where there is one over all. */
export function bucketTime({ intervalMs, columns }: QueryPlan, t: string): string {
  if (intervalMs !== undefined) return `(${t} // $width) * $width`;
  return columns[0]?.aggregate === undefined ? t : '$from';
}
