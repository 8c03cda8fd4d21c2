import { VirtflowError } from '../../../model/errors.ts';
import { measurements, ownMeasurements, type Sample } from '../../../model/reading.ts';
import type { Reveal } from '../../../secrets/reference.ts';
import { InfluxClient, type InfluxSettings } from '../../influx-client.ts';
import type { WriteOutcome } from '../../writer.ts';
import { checkSize, filledRows, mostRows } from '../answer-size.ts';
import { compareTags } from '../catalogue.ts';
import type { MetricEngine } from '../engine.ts';
import { finish, frameOf, type Rows } from '../frames.ts';
import { levels, type PerLevel, type Reading, readingOf } from '../levels.ts';
import type { QueryOptions, SeesTags } from '../metric-store.ts';
import { pointsWanted, type QueryPlan } from '../plan.ts';
import type { QueryResult } from '../result.ts';
import { type AnswerSeries, seriesOf } from './answer.ts';
import { identifier, type Limits, selectStatement, type TagPairs } from './influxql.ts';
import { RollUps } from './roll-ups.ts';
import { rowsOfSegments, statementFor } from './rolled-up.ts';

const never = new AbortController().signal;

/** Metrics on an InfluxDB server: 1.x, or 2.x and 3.x through their 1.x API. */
export class InfluxEngine implements MetricEngine {
  readonly name = 'influxdb';
  readonly address: string;
  readonly #client: InfluxClient;
  readonly #rollUps: RollUps;
  /** The change under way; one comes after the other, for what is removed must not be rolled up meanwhile. */
  #change: Promise<unknown> = Promise.resolve();

  /** @throws CONNECTION_SETTINGS_INVALID, SECRET_* */
  constructor(settings: InfluxSettings, reveal?: Reveal) {
    this.#client = new InfluxClient(settings, reveal);
    this.address = this.#client.address;
    this.#rollUps = new RollUps(
      settings.database,
      (statement, database) => this.#ask(statement, never, database),
      (name) => this.#create(name),
    );
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  write(samples: readonly Sample[], signal: AbortSignal): Promise<WriteOutcome> {
    return this.#changing(() => this.#write(samples, signal));
  }

  /** What is written to a server that dies before it was rolled up is written again. */
  async #write(samples: readonly Sample[], signal: AbortSignal): Promise<WriteOutcome> {
    try {
      const kept = await this.#kept(samples);
      const outcome = await this.#client.write(kept, signal);
      if (outcome.type === 'written' || outcome.type === 'bad') await this.#rollUps.follow(kept);
      const dropped = samples.length - kept.length;
      if (dropped === 0 || outcome.type !== 'written') return outcome;
      return { type: 'bad', reason: 'older than what is kept', dropped };
    } catch (error) {
      const probed = await this.#client.write([], signal);
      if (probed.type === 'denied' || probed.type === 'away') return probed;
      return { type: 'away', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async query(plan: QueryPlan, { signal, sees }: QueryOptions): Promise<QueryResult> {
    signal?.throwIfAborted();
    const reading = readingOf(plan, await this.#rollUps.extents(plan.measurement), true);
    const only = sees && (await this.#visible(plan.measurement, sees, signal));
    const seesNothing = only?.length === 0;
    const rows = seesNothing
      ? []
      : reading.level === 'raw'
        ? await this.#points(reading.plan, only, signal)
        : await this.#rolledUp(reading, only, signal);
    checkSize(
      reading.plan,
      rows.map(({ times }) => times.length),
    );
    const frames = rows.flatMap((one) => (reading.level === 'raw' ? finish : frameOf)(reading.plan, one) ?? []);
    const { level, missingBefore } = reading;
    return { frames: frames.slice(0, plan.seriesLimit), intervalMs: reading.plan.intervalMs, level, missingBefore };
  }

  async #points(plan: QueryPlan, only: readonly TagPairs[] | undefined, signal?: AbortSignal): Promise<Rows[]> {
    const series = await this.#ask(selectStatement(plan, only, limitsOf(plan)), signal);
    const rows = series.map((one) => rowsOf(plan, one));
    return rows.sort((one, other) => compareTags(plan.groupTags, one.tags, other.tags));
  }

  async #rolledUp(reading: Reading, only: readonly TagPairs[] | undefined, signal?: AbortSignal): Promise<Rows[]> {
    const { plan, segments } = reading;
    const answers: AnswerSeries[][] = [];
    for (const segment of segments) {
      const source = this.#rollUps.sourceOf(plan.measurement, segment.level);
      const series = await this.#ask(statementFor(reading, segment, source, only, limitsOf(plan)), signal);
      answers.push(series);
    }
    return rowsOfSegments(reading, answers);
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

  removeBefore(before: PerLevel<number>): Promise<PerLevel<number>> {
    return this.#changing(() => this.#removeBefore(before));
  }

  /** What others keep in the same database is theirs, however old. */
  async #removeBefore(before: PerLevel<number>): Promise<PerLevel<number>> {
    const rows = { raw: 0, '5m': 0, '1h': 0 };
    for (const measurement of (await this.measurements()).filter(isOurs)) {
      await this.#rollUps.upTo(measurement, before.raw);
      await this.#rollUps.removed(measurement, before);
    }
    for (const level of levels) {
      const database = this.#rollUps.databaseOf(level);
      for (const measurement of (await this.#list('SHOW MEASUREMENTS', 'name', never, database)).filter(isOurs)) {
        const range = `FROM ${identifier(measurement)} WHERE time < ${before[level]}ms`;
        const [counts] = await this.#ask(`SELECT count(*) ${range}`, never, database);
        rows[level] += Math.max(0, ...(counts?.values[0] ?? []).slice(1).map(Number));
        await this.#ask(`DELETE ${range}`, never, database);
      }
    }
    return rows;
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

  async #list(statement: string, column: string, signal?: AbortSignal, database?: string): Promise<readonly string[]> {
    const [series] = await this.#ask(statement, signal, database);
    const index = series?.columns.indexOf(column) ?? -1;
    return (series?.values ?? []).map((row) => String(row[index] ?? '')).sort();
  }

  #changing<T>(work: () => Promise<T>): Promise<T> {
    const change = this.#change.then(work);
    this.#change = change.catch(() => {}); // told to whoever asked for it
    return change;
  }

  async #create(database: string): Promise<boolean> {
    const { type } = await this.#client.createDatabase(database, never);
    if (type !== 'away') return type === 'written';
    const details = { store: 'InfluxDB', address: this.address, reason: `"${database}" could not be made` };
    throw new VirtflowError('METRIC_STORE_UNREACHABLE', details);
  }

  /** Samples of a time that was removed would spoil what is rolled up of it. */
  async #kept(samples: readonly Sample[]): Promise<readonly Sample[]> {
    const since = new Map<string, number>();
    for (const measurement of new Set(samples.map((sample) => sample.measurement))) {
      since.set(measurement, (await this.#rollUps.extents(measurement)).raw.since);
    }
    return samples.filter(({ measurement, at }) => at >= (since.get(measurement) ?? 0));
  }

  async #ask(statement: string, signal: AbortSignal = never, database?: string): Promise<AnswerSeries[]> {
    try {
      return seriesOf(await this.#client.query(statement, signal, database));
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}

const ours: ReadonlySet<string> = new Set([...measurements, ...ownMeasurements]);

function isOurs(measurement: string): boolean {
  return ours.has(measurement);
}

/** One more than an answer may have; where buckets are filled, that says how many series there may be. */
function limitsOf(plan: QueryPlan): Limits {
  const filled = filledRows(plan);
  const rows = Math.min(pointsWanted(plan) ?? mostRows, mostRows) + 1;
  return { rows, ...(filled === undefined ? {} : { series: Math.floor(mostRows / filled) + 1 }) };
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
  const found = pointsWanted(plan) !== undefined && plan.order === 'DESC' ? series.values.toReversed() : series.values;
  const values = plan.intervalMs === undefined ? found : bucketsOf(plan, found);
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
