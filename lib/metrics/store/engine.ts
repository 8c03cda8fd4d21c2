import type { Sample } from '../../model/reading.ts';
import type { WriteOutcome } from '../writer.ts';
import type { PerLevel } from './levels.ts';
import type { MetricEngineName, QueryOptions } from './metric-store.ts';
import type { QueryPlan } from './plan.ts';
import type { QueryResult } from './result.ts';

/** What one kind of store can do, opened when it is needed first; what waits for it on disk is not its business. */
export interface MetricEngine {
  readonly name: MetricEngineName;
  /** Where it is, for messages. */
  readonly address: string;
  close(): Promise<void>;
  /** One at a time. */
  write(samples: readonly Sample[], signal: AbortSignal): Promise<WriteOutcome>;
  query(plan: QueryPlan, options: QueryOptions): Promise<QueryResult>;
  measurements(): Promise<readonly string[]>;
  fields(measurement: string): Promise<readonly string[]>;
  tags(measurement: string): Promise<readonly string[]>;
  tagValues(measurement: string, tag: string, options: QueryOptions): Promise<readonly string[]>;
  /** Waits for the write under way. */
  removeBefore(before: PerLevel<number>): Promise<PerLevel<number>>;
}
