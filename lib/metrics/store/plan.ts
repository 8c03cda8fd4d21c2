/** A query that has been checked: what the stores answer. Nothing in it needs to be looked at again. */
export interface QueryPlan {
  readonly measurement: string;
  /** A retention policy of the store; undefined for the one that the store chooses by the interval. */
  readonly policy: string | undefined;
  readonly columns: readonly PlanColumn[];
  readonly conditions: readonly Condition[];
  readonly groupTags: readonly string[];
  /** Width of a bucket; undefined for one value over the whole range, or for points as they are. */
  readonly intervalMs: number | undefined;
  readonly fill: Fill;
  readonly order: 'ASC' | 'DESC';
  /** Rows in a series, and series. */
  readonly limit: number | undefined;
  readonly seriesLimit: number | undefined;
  readonly alias: string;
  /** Both belong to the range, milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

export interface PlanColumn {
  readonly name: string;
  readonly field: string;
  /** Undefined for points as they are; all columns of a plan have one, or none has. */
  readonly aggregate: Aggregate | undefined;
  readonly transform: Transform | undefined;
  readonly math: readonly MathStep[];
}

export const aggregateNames = [
  'mean',
  'min',
  'max',
  'sum',
  'count',
  'first',
  'last',
  'median',
  'stddev',
  'spread',
] as const;
export type AggregateName = (typeof aggregateNames)[number];
export type Aggregate =
  | { readonly name: AggregateName }
  /** From 0 to 100, by the nearest rank. */
  | { readonly name: 'percentile'; readonly rank: number };

export type Transform =
  | { readonly name: 'derivative' | 'non_negative_derivative'; readonly unitMs: number }
  | { readonly name: 'difference' | 'cumulative_sum' }
  | { readonly name: 'moving_average'; readonly points: number };

export interface MathStep {
  readonly operator: '+' | '-' | '*' | '/';
  readonly number: number;
}

export interface Condition {
  readonly key: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  /** For the last two a regular expression, without slashes. */
  readonly value: string;
  /** How it is joined to those before; AND binds closer than OR. */
  readonly join: 'AND' | 'OR';
}

export type Fill =
  | { readonly type: 'null' | 'none' | 'previous' | 'linear' }
  | { readonly type: 'number'; readonly number: number };

/**
 * How many points of each series are wanted, from the end that the order begins with, where they are told as they are: the
 * others need not be read. Undefined where all are.
 */
export function pointsWanted({ columns, limit }: QueryPlan): number | undefined {
  return columns.some(({ aggregate, transform }) => aggregate || transform) ? undefined : limit;
}

/**
 * Whether a column is reckoned from one bucket to the next, so that a bucket's width before the range is read for it:
 * the first bucket of the range has a value then (InfluxDB 1.x does the same, also for a moving average of more).
 */
export function hasLead({ transform, aggregate }: PlanColumn): boolean {
  return transform !== undefined && aggregate !== undefined && transform.name !== 'cumulative_sum';
}
