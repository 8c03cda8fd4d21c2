import type { Feed } from '../../model/feed.ts';
import type { Sample } from '../../model/reading.ts';
import type { SinkState } from '../sink.ts';
import type { PerLevel } from './levels.ts';
import type { QueryPlan } from './plan.ts';
import type { QueryResult } from './result.ts';

export const metricEngines = ['duckdb', 'influxdb'] as const;
export type MetricEngineName = (typeof metricEngines)[number];

/** Whether whoever asks may see figures with these tags. */
export type SeesTags = (tags: Readonly<Record<string, string>>) => boolean;

export interface QueryOptions {
  readonly signal?: AbortSignal;
  /** Leaves out what whoever asks may not see; all is seen without it. */
  readonly sees?: SeesTags;
}

/**
 * Where samples stay. Written twice, a sample is the same point (series, time); samples of one series and time that
 * hold different fields make one point with all of them.
 */
export interface MetricStore {
  readonly engine: MetricEngineName;
  /** How writing goes on: what waits on disk, what was refused. */
  readonly states: Feed<SinkState>;
  readonly state: SinkState;
  /** Takes samples from now on, and writes what waits as soon as the store can be opened. @throws STORE_*, DATA_DIRECTORY_* */
  start(): void;
  /** Writes what waits for at most so long; the rest stays on disk. Stopping twice is fine. */
  stop(flushMs?: number): Promise<void>;
  /** Returns when the samples are on disk; the store has them soon after, in order. @throws STORE_FULL, STORE_BROKEN */
  write(samples: readonly Sample[]): void;
  /** Resolves when all that was written so far is in the store or was refused by it. */
  settled(signal?: AbortSignal): Promise<void>;
  /** @throws METRIC_QUERY_INVALID, METRIC_STORE_UNREACHABLE */
  query(plan: QueryPlan, options?: QueryOptions): Promise<QueryResult>;
  /** What there is, for editors; sorted. */
  measurements(): Promise<readonly string[]>;
  fields(measurement: string): Promise<readonly string[]>;
  tags(measurement: string): Promise<readonly string[]>;
  tagValues(measurement: string, tag: string, options?: QueryOptions): Promise<readonly string[]>;
  /** Removes what is older at each level, and tells how many rows that were; moments at a whole hour. @throws METRIC_STORE_UNREACHABLE */
  removeBefore(before: PerLevel<number>): Promise<PerLevel<number>>;
}
