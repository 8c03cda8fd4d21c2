import type { Level } from './levels.ts';

/** The answer to a structured query. */
export interface QueryResult {
  readonly frames: readonly QueryFrame[];
  /** Width of the buckets; undefined where there are none. */
  readonly intervalMs: number | undefined;
  /** The coarsest that was read. */
  readonly level: Level;
  /** The query needs what is kept no longer: before this there is nothing. Milliseconds since the epoch. */
  readonly missingBefore: number | undefined;
}

/** One series: all that has the same values of the tags that are grouped by. */
export interface QueryFrame {
  readonly measurement: string;
  /** The tags that are grouped by; '' where an object has none. */
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, in the order that was asked for; a bucket's time is its beginning. */
  readonly times: readonly number[];
  readonly columns: readonly QueryColumn[];
}

export interface QueryColumn {
  /** The function, or the alias of the column. */
  readonly column: string;
  /** What people read in a legend: the query's alias with its `$tag_…` put in. */
  readonly name: string;
  /** As many as there are times; null where there is none. */
  readonly values: readonly (number | null)[];
}
