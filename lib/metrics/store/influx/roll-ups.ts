import type { Sample } from '../../../model/reading.ts';
import { type RollUpSource, rollUpOn, rollUpTo, stepMs, type Until } from '../advance.ts';
import { bucketOf } from '../frames.ts';
import { type Extent, type Level, levels, type PerLevel, rollUps, widthMs } from '../levels.ts';
import { type Partial, partialName, partials } from '../partials.ts';
import type { AnswerSeries } from './answer.ts';
import { identifier } from './influxql.ts';

/** Asks in InfluxQL, in a database; the series of the first statement. */
export type Ask = (statement: string, database: string) => Promise<AnswerSeries[]>;

interface Known {
  until: Until;
  since: PerLevel<number>;
  readonly fields: Set<string>;
}

const nothing: Until = { '5m': 0, '1h': 0 };

/**
 * Roll-ups that the server makes of what was written (`SELECT … INTO`), in a database of its own for each level, under the
 * measurements' own names. Made again they are the same points, so a server or a process that dies in between costs
 * nothing. A server that has no such databases and makes none (no right to; InfluxDB 2 and 3) has no roll-ups.
 */
export class RollUps {
  readonly #ask: Ask;
  readonly #create: (name: string) => Promise<boolean>;
  readonly #database: string;
  readonly #known = new Map<string, Promise<Known>>();
  #offered: Promise<boolean> | undefined;

  /** @param create makes a database, and tells whether it could */
  constructor(database: string, ask: Ask, create: (name: string) => Promise<boolean>) {
    this.#database = database;
    this.#ask = ask;
    this.#create = create;
  }

  databaseOf(level: Level): string {
    return level === 'raw' ? this.#database : `${this.#database}_${level}`;
  }

  sourceOf(measurement: string, level: Level): string {
    return `${identifier(this.databaseOf(level))}..${identifier(measurement)}`;
  }

  async extents(measurement: string): Promise<PerLevel<Extent>> {
    const { since, until } = await this.#knownOf(measurement);
    return {
      raw: { since: since.raw, until: Number.POSITIVE_INFINITY },
      '5m': { since: since['5m'], until: until['5m'] },
      '1h': { since: since['1h'], until: until['1h'] },
    };
  }

  /** Of these samples, which were just written, and of what has ended meanwhile. */
  async follow(samples: readonly Sample[]): Promise<void> {
    for (const [measurement, own] of Map.groupBy(samples, (sample) => sample.measurement)) {
      const known = await this.#knownOf(measurement);
      for (const { fields } of own) for (const field in fields) known.fields.add(field);
      if (!(await this.#isOffered())) return;
      const source = this.#sourceFor(measurement, known);
      await this.#again(source, known, own);
      known.until = await rollUpOn(source, known.until, newestOf(own));
    }
  }

  /** All that is older; before it is removed. */
  async upTo(measurement: string, before: number): Promise<void> {
    const known = await this.#knownOf(measurement);
    if (await this.#isOffered()) {
      known.until = await rollUpTo(this.#sourceFor(measurement, known), known.until, before);
    }
  }

  /** What is older was removed, or is about to be. */
  async removed(measurement: string, before: PerLevel<number>): Promise<void> {
    const known = await this.#knownOf(measurement);
    known.since = perLevel((level) => Math.max(known.since[level], before[level]));
  }

  async #again(source: RollUpSource, { until }: Known, samples: readonly Sample[]): Promise<void> {
    for (const { level, of } of rollUps) {
      const late = samples.filter(({ at }) => at < until[level]).map(({ at }) => bucketOf(at, widthMs[level]));
      for (const { from, to } of stretches(late, widthMs[level])) await source.rollUp(level, of, from, to);
    }
  }

  #sourceFor(measurement: string, { fields }: Known): RollUpSource {
    return {
      firstIn: (level, from, to) =>
        this.#edge(measurement, level, 'ASC', ` WHERE time >= ${from}ms AND time < ${to}ms`),
      rollUp: async (level, of, from, to) => {
        const columns = [...fields].flatMap((field) =>
          partials.map(
            (partial) => `${combinedText(of, field, partial)} AS ${identifier(partialName(field, partial))}`,
          ),
        );
        const statement = `SELECT ${columns.join(', ')} INTO ${this.sourceOf(measurement, level)}
          FROM ${this.sourceOf(measurement, of)} WHERE time >= ${from}ms AND time < ${to}ms
          GROUP BY time(${widthMs[level]}ms), * fill(none)`;
        await this.#ask(statement, this.#database);
      },
    };
  }

  /** Time of the first row, or of the last. */
  async #edge(measurement: string, level: Level, order: 'ASC' | 'DESC', where = ''): Promise<number | undefined> {
    const source = this.sourceOf(measurement, level);
    const [series] = await this.#ask(`SELECT * FROM ${source}${where} ORDER BY time ${order} LIMIT 1`, this.#database);
    const at = series?.values[0]?.[0];
    return typeof at === 'number' ? at : undefined;
  }

  #isOffered(): Promise<boolean> {
    this.#offered ??= this.#makeDatabases().catch((error) => {
      this.#offered = undefined;
      throw error;
    });
    return this.#offered;
  }

  /** One who may make none may have been given them. @throws METRIC_STORE_UNREACHABLE */
  async #makeDatabases(): Promise<boolean> {
    const made = await Promise.all(rollUps.map(({ level }) => this.#create(this.databaseOf(level))));
    return made.every(Boolean) || (await this.#areThere());
  }

  async #areThere(): Promise<boolean> {
    const [series] = await this.#ask('SHOW DATABASES', this.#database);
    const seen = new Set((series?.values ?? []).map(([name]) => name));
    return rollUps.every(({ level }) => seen.has(this.databaseOf(level)));
  }

  #knownOf(measurement: string): Promise<Known> {
    const known = this.#known.get(measurement) ?? this.#load(measurement);
    this.#known.set(measurement, known);
    known.catch(() => this.#known.delete(measurement));
    return known;
  }

  /** A step that was under way when a process died may be there in part, and is made again. */
  async #load(measurement: string): Promise<Known> {
    const keys = await this.#ask(`SHOW FIELD KEYS FROM ${identifier(measurement)}`, this.#database);
    const fields = new Set((keys[0]?.values ?? []).map(([field]) => String(field)));
    const until = { ...nothing };
    if (!(await this.#areThere())) return { fields, until, since: perLevel(() => 0) };
    for (const { level } of rollUps) {
      until[level] = bucketOf((await this.#edge(measurement, level, 'DESC')) ?? 0, stepMs);
    }
    const oldest = new Map<Level, number | undefined>();
    for (const level of levels) oldest.set(level, await this.#edge(measurement, level, 'ASC'));
    return { fields, until, since: perLevel((level) => sinceOf(level, oldest, until)) };
  }
}

/** Where a coarser level begins earlier, what is older was removed from the finer one. */
function sinceOf(level: Level, oldest: ReadonlyMap<Level, number | undefined>, until: Until): number {
  const coarser = levels.slice(levels.indexOf(level) + 1).flatMap((one) => oldest.get(one) ?? []);
  const own = oldest.get(level) ?? until[level === 'raw' ? '5m' : '1h'];
  const begins = bucketOf(own, widthMs['1h']);
  return coarser.some((at) => at < begins) ? begins : 0;
}

function combinedText(of: Level, field: string, partial: Partial): string {
  const name = identifier(of === 'raw' ? field : partialName(field, partial));
  return `${functionOf(of, partial)}(${name})`;
}

/** What puts a partial together, of points or of buckets. */
export function functionOf(of: Level, partial: Partial): string {
  switch (partial) {
    case 'n':
      return of === 'raw' ? 'count' : 'sum';
    case 'low':
      return 'min';
    case 'high':
      return 'max';
    default:
      return partial;
  }
}

function newestOf(samples: readonly Sample[]): number {
  return samples.reduce((newest, { at }) => Math.max(newest, at), 0);
}

function perLevel(of: (level: Level) => number): PerLevel<number> {
  return { raw: of('raw'), '5m': of('5m'), '1h': of('1h') };
}

/** Buckets in as few stretches as there are gaps of an hour. */
function stretches(buckets: readonly number[], width: number): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const bucket of [...new Set(buckets)].sort((one, other) => one - other)) {
    const last = found.at(-1);
    if (last && bucket - last.to <= stepMs) last.to = bucket + width;
    else found.push({ from: bucket, to: bucket + width });
  }
  return found;
}
