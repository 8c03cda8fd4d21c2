import type { Sample } from '../../model/reading.ts';
import type { WriteOutcome } from '../writer.ts';
import type { MetricEngineName, QueryOptions, StoreStats } from './metric-store.ts';
import type { QueryPlan } from './plan.ts';
import type { QueryResult } from './result.ts';

/** What one kind of store can do; what waits for it on disk is not its business. */
export interface MetricEngine {
  readonly name: MetricEngineName;
  /** Where it is, for messages. */
  readonly address: string;
  /** @throws METRIC_STORE_* */
  open(): Promise<void>;
  close(): Promise<void>;
  /** One at a time. */
  write(samples: readonly Sample[], signal: AbortSignal): Promise<WriteOutcome>;
  query(plan: QueryPlan, options: QueryOptions): Promise<QueryResult>;
  measurements(): Promise<readonly string[]>;
  fields(measurement: string): Promise<readonly string[]>;
  tags(measurement: string): Promise<readonly string[]>;
  tagValues(measurement: string, tag: string, options: QueryOptions): Promise<readonly string[]>;
  stats(): Promise<StoreStats>;
}
