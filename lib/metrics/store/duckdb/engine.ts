import type { DuckDBConnection } from '@duckdb/node-api';
import { VirtflowError } from '../../../model/errors.ts';
import type { Sample } from '../../../model/reading.ts';
import type { WriteOutcome } from '../../writer.ts';
import { checkSize } from '../answer-size.ts';
import { groupSeries, type Matcher } from '../catalogue.ts';
import type { MetricEngine } from '../engine.ts';
import { frameOf } from '../frames.ts';
import { type Extent, type PerLevel, readingOf } from '../levels.ts';
import type { QueryOptions } from '../metric-store.ts';
import type { QueryPlan } from '../plan.ts';
import type { QueryResult } from '../result.ts';
import { Database, type DuckDbSettings, loadDuckDb, reasonOf } from './database.ts';
import { Matches } from './matches.ts';
import { removeBefore } from './retention.ts';
import { Scans } from './scans.ts';
import { type Shelf, Shelves } from './shelves.ts';
import { writeSamples } from './writing.ts';

/** Metrics in a DuckDB file, in this process; its work is done on threads of its own. */
export class DuckDbEngine implements MetricEngine {
  readonly name = 'duckdb';
  readonly address: string;
  readonly #settings: DuckDbSettings;
  readonly #scans = new Scans();
  readonly #matches = new Matches();
  readonly #shelves = new Shelves();
  #opening: Promise<Database> | undefined;
  /** Nothing is opened before it has ended. */
  #closing: Promise<void> = Promise.resolve();
  #writer: DuckDBConnection | undefined;
  /** The change under way; one comes after the other. */
  #change: Promise<unknown> = Promise.resolve();

  constructor(settings: DuckDbSettings) {
    this.#settings = settings;
    this.address = settings.path;
  }

  async close(): Promise<void> {
    await this.#changing(async () => {
      const database = await this.#opening?.catch(() => undefined);
      database?.hurry();
      await this.#close();
    });
  }

  async #close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    this.#closing = this.#end(opening);
    await this.#closing;
  }

  async #end(opening: Promise<Database> | undefined): Promise<void> {
    const database = await opening?.catch(() => undefined); // told to whoever opened it
    this.#writer?.closeSync();
    this.#writer = undefined;
    await database?.close();
  }

  write(samples: readonly Sample[]): Promise<WriteOutcome> {
    if (samples.length === 0) return Promise.resolve({ type: 'written' });
    return this.#changing(() => this.#write(samples));
  }

  async removeBefore(before: PerLevel<number>): Promise<PerLevel<number>> {
    return this.#changing(async () => {
      try {
        return await this.#reading(async (database) => {
          this.#writer ??= await database.connect();
          return removeBefore(this.#writer, this.#shelves, before);
        });
      } catch (error) {
        await this.#close();
        throw error;
      }
    });
  }

  async #write(samples: readonly Sample[]): Promise<WriteOutcome> {
    try {
      const database = await this.#database();
      this.#writer ??= await database.connect();
      const kept = samples.filter(({ at }) => at >= this.#shelves.since.raw);
      await writeSamples(database.duckdb, this.#writer, this.#shelves, kept);
      const dropped = samples.length - kept.length;
      return dropped === 0 ? { type: 'written' } : { type: 'bad', reason: 'older than what is kept', dropped };
    } catch (error) {
      // Opened anew it is what its log says, whatever went wrong.
      await this.#close();
      return { type: 'away', reason: reasonOf(error) };
    }
  }

  async query(plan: QueryPlan, { signal, sees }: QueryOptions): Promise<QueryResult> {
    return this.#reading(async (database) => {
      const shelf = this.#shelves.get(plan.measurement);
      const isKnown = shelf && plan.columns.some(({ field }) => shelf.columns.has(field));
      const matcher: Matcher = (pattern, texts) => this.#matches.of(database, pattern, texts);
      const groups = await this.#scans.planned(async () =>
        isKnown ? await groupSeries(plan, [...shelf.series.values()], matcher, sees) : [],
      );
      const shared = groups.some(({ series }) => series.length > 1);
      const reading = readingOf(plan, extentsOf(this.#shelves.since, shelf), shared);
      const { level, missingBefore } = reading;
      const answer = shelf ? await this.#scans.rows({ database, reading, shelf, groups, shared, signal }) : [];
      checkSize(
        reading.plan,
        answer.map(({ times }) => times.length),
      );
      const frames = answer.flatMap((rows) => frameOf(reading.plan, rows) ?? []).slice(0, plan.seriesLimit);
      return { frames, intervalMs: reading.plan.intervalMs, level, missingBefore };
    }, signal);
  }

  measurements(): Promise<readonly string[]> {
    return this.#reading(async () =>
      this.#shelves
        .all()
        .map(({ measurement }) => measurement)
        .sort(),
    );
  }

  fields(measurement: string): Promise<readonly string[]> {
    return this.#reading(async () => [...(this.#shelves.get(measurement)?.columns.keys() ?? [])].sort());
  }

  tags(measurement: string): Promise<readonly string[]> {
    return this.#reading(async () => {
      const series = [...(this.#shelves.get(measurement)?.series.values() ?? [])];
      return [...new Set(series.flatMap(({ tags }) => Object.keys(tags)))].sort();
    });
  }

  tagValues(measurement: string, tag: string, { sees }: QueryOptions): Promise<readonly string[]> {
    return this.#reading(async () => {
      const series = [...(this.#shelves.get(measurement)?.series.values() ?? [])];
      const seen = sees ? series.filter(({ tags }) => sees(tags)) : series;
      return [...new Set(seen.flatMap(({ tags }) => tags[tag] ?? []))].sort();
    });
  }

  #changing<T>(work: () => Promise<T>): Promise<T> {
    const change = this.#change.then(work);
    this.#change = change.catch(() => {}); // told to whoever asked for it
    return change;
  }

  async #reading<T>(work: (database: Database) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    try {
      const database = await this.#database();
      return await database.during(() => work(database));
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof VirtflowError) throw error;
      const reason = reasonOf(error);
      if (reason.startsWith('Out of Memory')) {
        throw new VirtflowError('METRIC_QUERY_MEMORY', { memory: this.#settings.memoryMiB }, { cause: error });
      }
      const details = { store: 'DuckDB', address: this.address, reason };
      throw new VirtflowError('METRIC_STORE_UNREACHABLE', details, { cause: error });
    }
  }

  #database(): Promise<Database> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<Database> {
    try {
      await this.#closing;
      const database = await Database.open(await loadDuckDb(), this.#settings);
      await database.use((connection) => this.#shelves.load(connection));
      return database;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}

function extentsOf(since: PerLevel<number>, shelf: Shelf | undefined): PerLevel<Extent> {
  const until = shelf?.until;
  return {
    raw: { since: since.raw, until: Number.POSITIVE_INFINITY },
    '5m': { since: since['5m'], until: until?.['5m'] ?? 0 },
    '1h': { since: since['1h'], until: until?.['1h'] ?? 0 },
  };
}
