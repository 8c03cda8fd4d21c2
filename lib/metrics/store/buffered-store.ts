import type { Feed } from '../../model/feed.ts';
import type { Sample } from '../../model/reading.ts';
import { Sink, type SinkOptions, type SinkState } from '../sink.ts';
import type { MetricEngine } from './engine.ts';
import type { PerLevel } from './levels.ts';
import type { MetricEngineName, MetricStore, QueryOptions } from './metric-store.ts';
import type { QueryPlan } from './plan.ts';
import type { QueryResult } from './result.ts';

/** An engine behind a buffer on disk: what is written is safe when `write` returns, and reaches the engine in order. */
export class BufferedStore implements MetricStore {
  readonly #engine: MetricEngine;
  readonly #sink: Sink;

  constructor(name: string, engine: MetricEngine, options: SinkOptions) {
    this.#engine = engine;
    const writer = {
      address: engine.address,
      write: (samples: readonly Sample[], signal: AbortSignal) => engine.write(samples, signal),
      close: () => {},
    };
    this.#sink = new Sink(name, () => writer, options);
  }

  get engine(): MetricEngineName {
    return this.#engine.name;
  }

  get states(): Feed<SinkState> {
    return this.#sink.states;
  }

  get state(): SinkState {
    return this.#sink.state;
  }

  start(): void {
    this.#sink.start();
  }

  async stop(flushMs = 2_000): Promise<void> {
    await this.#sink.stop(flushMs);
    await this.#engine.close();
  }

  write(samples: readonly Sample[]): void {
    this.#sink.write(samples);
  }

  settled(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        unsubscribe();
        signal?.removeEventListener('abort', end);
        if (signal?.aborted) reject(signal.reason);
        else resolve();
      };
      const unsubscribe = this.states.subscribe(({ waiting }) => {
        if (waiting === 0) end();
      });
      signal?.addEventListener('abort', end);
      if (this.state.waiting === 0 || signal?.aborted) end();
    });
  }

  query(plan: QueryPlan, options: QueryOptions = {}): Promise<QueryResult> {
    return this.#engine.query(plan, options);
  }

  measurements(): Promise<readonly string[]> {
    return this.#engine.measurements();
  }

  fields(measurement: string): Promise<readonly string[]> {
    return this.#engine.fields(measurement);
  }

  tags(measurement: string): Promise<readonly string[]> {
    return this.#engine.tags(measurement);
  }

  tagValues(measurement: string, tag: string, options: QueryOptions = {}): Promise<readonly string[]> {
    return this.#engine.tagValues(measurement, tag, options);
  }

  removeBefore(before: PerLevel<number>): Promise<PerLevel<number>> {
    return this.#engine.removeBefore(before);
  }
}
