import { VirtflowError } from '../../../model/errors.ts';
import type { Sample } from '../../../model/reading.ts';
import type { Reveal } from '../../../secrets/reference.ts';
import { InfluxClient, type InfluxSettings } from '../../influx-client.ts';
import type { WriteOutcome } from '../../writer.ts';
import { compareTags } from '../catalogue.ts';
import type { MetricEngine } from '../engine.ts';
import { finish, type Rows } from '../frames.ts';
import type { PerLevel } from '../levels.ts';
import type { QueryOptions, SeesTags, StoreStats } from '../metric-store.ts';
import type { QueryPlan } from '../plan.ts';
import type { QueryResult } from '../result.ts';
import { type AnswerSeries, seriesOf } from './answer.ts';
import { identifier, selectStatement, type TagPairs } from './influxql.ts';

const mostRows = 1_000_000;
const never = new AbortController().signal;

/** Metrics on an InfluxDB server: 1.x, or 2.x and 3.x through their 1.x API. */
export class InfluxEngine implements MetricEngine {
  readonly name = 'influxdb';
  readonly address: string;
  readonly #settings: InfluxSettings;
  readonly #client: InfluxClient;

  /** @throws CONNECTION_SETTINGS_INVALID, SECRET_* */
  constructor(settings: InfluxSettings, reveal?: Reveal) {
    this.#settings = settings;
    this.#client = new InfluxClient(settings, reveal);
    this.address = this.#client.address;
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  write(samples: readonly Sample[], signal: AbortSignal): Promise<WriteOutcome> {
    return this.#client.write(samples, signal);
  }

  async query(plan: QueryPlan, { signal, sees }: QueryOptions): Promise<QueryResult> {
    const only = sees && (await this.#visible(plan.measurement, sees, signal));
    const told = { intervalMs: plan.intervalMs, level: 'raw', missingBefore: undefined } as const;
    if (only?.length === 0) return { frames: [], ...told };
    const series = await this.#ask(selectStatement(plan, only, mostRows + 1), signal);
    if (series.some(({ values }) => values.length > mostRows)) {
      throw new VirtflowError('METRIC_QUERY_TOO_LARGE', { rows: mostRows });
    }
    const rows = series.map((one) => rowsOf(plan, one));
    rows.sort((one, other) => compareTags(plan.groupTags, one.tags, other.tags));
    const frames = rows.flatMap((one) => finish(plan, one) ?? []);
    return { frames: frames.slice(0, plan.seriesLimit), ...told };
  }

  async measurements(): Promise<readonly string[]> {
    return this.#list('SHOW MEASUREMENTS', 'name');
  }

  async fields(measurement: string): Promise<readonly string[]> {
    return this.#list(`SHOW FIELD KEYS FROM ${identifier(measurement)}`, 'fieldKey');
  }

  async tags(measurement: string): Promise<readonly string[]> {
    return this.#list(`SHOW TAG KEYS FROM ${identifier(measurement)}`, 'tagKey');
  }

  async tagValues(measurement: string, tag: string, { sees, signal }: QueryOptions): Promise<readonly string[]> {
    if (!sees) {
      return this.#list(`SHOW TAG VALUES FROM ${identifier(measurement)} WITH KEY = ${identifier(tag)}`, 'value');
    }
    const seen = (await this.#seriesTags(measurement, signal)).filter(sees);
    return [...new Set(seen.flatMap((tags) => tags[tag] ?? []))].sort();
  }

  async removeBefore({ raw: before }: PerLevel<number>): Promise<PerLevel<number>> {
    let rows = 0;
    for (const measurement of await this.measurements()) {
      const range = `FROM ${identifier(measurement)} WHERE time < ${before}ms`;
      const [counts] = await this.#ask(`SELECT count(*) ${range}`);
      rows += Math.max(0, ...(counts?.values[0] ?? []).slice(1).map(Number));
      await this.#ask(`DELETE ${range}`);
    }
    return { raw: rows, '5m': 0, '1h': 0 };
  }

  async stats(): Promise<StoreStats> {
    const count = await this.#ask('SHOW SERIES CARDINALITY').catch(() => []);
    const series = Number(count[0]?.values[0]?.[0] ?? 0);
    return { engine: this.name, series, rows: undefined, bytes: undefined, oldest: undefined, newest: undefined };
  }

  /** Objects are told apart by connection and id; what has neither is nobody's. */
  async #visible(measurement: string, sees: SeesTags, signal: AbortSignal | undefined): Promise<readonly TagPairs[]> {
    const pairs = new Map<string, TagPairs>();
    for (const tags of await this.#seriesTags(measurement, signal)) {
      if (sees(tags)) pairs.set(JSON.stringify([tags.connection, tags.id]), pairOf(tags));
    }
    return [...pairs.values()];
  }

  async #seriesTags(measurement: string, signal?: AbortSignal): Promise<readonly TagPairs[]> {
    const keys = await this.#list(`SHOW SERIES FROM ${identifier(measurement)}`, 'key', signal);
    return keys.map(tagsOfKey);
  }

  async #list(statement: string, column: string, signal?: AbortSignal): Promise<readonly string[]> {
    const [series] = await this.#ask(statement, signal);
    const index = series?.columns.indexOf(column) ?? -1;
    return (series?.values ?? []).map((row) => String(row[index] ?? '')).sort();
  }

  async #ask(statement: string, signal: AbortSignal = never): Promise<AnswerSeries[]> {
    try {
      return seriesOf(await this.#client.query(statement, signal));
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  get database(): string {
    return this.#settings.database;
  }
}

function pairOf({ connection = '', id = '' }: TagPairs): TagPairs {
  return { connection, id };
}

/** Reads `vm,connection=lab,id=1`; what the line protocol escapes stands behind a backslash. */
function tagsOfKey(key: string): TagPairs {
  const parts = key.match(/(?:\\.|[^,\\])+/gs) ?? [];
  const pairs = parts.slice(1).map((part) => /^((?:\\.|[^=\\])+)=(.*)$/s.exec(part));
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[plain(pair[1]), plain(pair[2])]] : [])));
}

function plain(text = ''): string {
  return text.replace(/\\([,= ])/g, '$1');
}

function rowsOf(plan: QueryPlan, series: AnswerSeries): Rows {
  const tags = Object.fromEntries(plan.groupTags.map((tag) => [tag, series.tags[tag] ?? '']));
  const points = plan.columns[0]?.aggregate === undefined;
  const wholeRange = plan.intervalMs === undefined && !points;
  const values = plan.intervalMs === undefined ? series.values : bucketsOf(plan, series.values);
  return {
    tags,
    // A selector such as max tells the time of its point; a value of the whole range is of its beginning.
    times: values.map((row) => (wholeRange ? plan.from : Number(row[0]))),
    values: plan.columns.map((_, index) => values.map((row) => figureOf(row[index + 1]))),
  };
}

/** The deviation of one value is told as a bucket without a value. */
function bucketsOf({ fill }: QueryPlan, rows: AnswerSeries['values']): AnswerSeries['values'] {
  const merged = mergedByTime(rows);
  return fill.type === 'none' ? merged.filter((row) => row.slice(1).some((value) => value !== null)) : merged;
}

/** InfluxDB 1.6 may tell a bucket twice where one column is a transformation and another is filled. */
function mergedByTime(rows: AnswerSeries['values']): AnswerSeries['values'] {
  const merged: (readonly unknown[])[] = [];
  for (const row of rows) {
    const before = merged.at(-1);
    if (before?.[0] === row[0]) merged[merged.length - 1] = row.map((value, index) => value ?? before?.[index]);
    else merged.push(row);
  }
  return merged;
}

function figureOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
