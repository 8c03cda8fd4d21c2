import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Dashboards } from '../../../lib/dashboards/dashboards.ts';
import { panelsOf } from '../../../lib/dashboards/model.ts';
import { PanelReader } from '../../../lib/dashboards/panel-data.ts';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import type { MetricEngine } from '../../../lib/metrics/store/engine.ts';
import { InfluxEngine } from '../../../lib/metrics/store/influx/engine.ts';
import { planQuery } from '../../../lib/metrics/store/structured-query.ts';
import type { Sample } from '../../../lib/model/reading.ts';
import { type InfluxDb, startInfluxDb } from '../../lab/influxdb.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { type Figure, plain, ratio } from '../figures.ts';
import { otherSamples, stepMs, vmSamples, vms } from '../fleet-samples.ts';
import { type Question, questionsOf } from '../metric-questions.ts';
import { PlainDuckDb } from '../plain-duckdb.ts';
import { rounds } from '../rounds.ts';
import type { Row } from '../row.ts';

const memoryMiB = 256;
const roundsInABatch = 50;
/** So many batches are measured; the rest comes in larger ones, which is quicker. */
const measuredBatches = 150;
const roundsInALargeBatch = 400;
const start = Date.parse('2026-01-01T00:00:00Z');
const shippedDashboards = join(import.meta.dirname, '../../../dashboards');
const never = new AbortController().signal;

export const metricStores: Row = {
  id: 'metric-stores',
  title: `Metric stores: ${vms} VMs, every ${stepMs / 1_000} s, 20 figures each`,
  needs: ['influxdb'],
  notes: [
    `The same points to all, ${(roundsInABatch * vms).toLocaleString('en')} in a commit while it is measured: virtflow's DuckDB store, which makes its roll-ups meanwhile;`,
    'DuckDB with one wide table, its appender and SQL by hand; InfluxDB 1.6 over HTTP, in its line protocol. Both DuckDBs may',
    `take ${memoryMiB} MiB. "Points alone" is virtflow without its roll-ups. Answers are read whole; InfluxDB is asked through virtflow's`,
    'engine for it. A dashboard is all queries of all its panels, each with room for 700 points, over the whole time; disks, NICs and hosts tell every minute.',
  ],
  async measure({ rounds: count, days, log }) {
    const stores = await Stores.open(days);
    try {
      const ingest = await stores.fill(log);
      const figures: Figure[] = [...ingest, ...stores.sizes()];
      for (const question of questionsOf(days)) {
        log(question.what);
        figures.push(...(await stores.asked(question, Math.min(count, 3))));
      }
      for (const uid of ['virtflow-fleet', 'virtflow-vm']) figures.push(...(await stores.dashboard(uid, count)));
      return figures;
    } finally {
      await stores.close();
    }
  },
};

class Stores {
  readonly #server: InfluxDb;
  readonly #influxdb: MetricEngine;
  readonly #virtflow: MetricEngine;
  readonly #plain: PlainDuckDb;
  readonly #directory: string;
  readonly #days: number;

  private constructor(days: number, directory: string, server: InfluxDb, duckdb: PlainDuckDb) {
    this.#days = days;
    this.#directory = directory;
    this.#server = server;
    this.#plain = duckdb;
    this.#influxdb = new InfluxEngine({ name: 'bench', url: server.url, database: 'bench' });
    this.#virtflow = new DuckDbEngine({ path: join(directory, 'virtflow.duckdb'), memoryMiB });
  }

  static async open(days: number): Promise<Stores> {
    const directory = await ownDirectory('bench-metric-stores');
    const server = await startInfluxDb();
    await server.query('CREATE DATABASE bench');
    return new Stores(days, directory, server, await PlainDuckDb.open(join(directory, 'plain.duckdb'), memoryMiB));
  }

  get #end(): number {
    return start + this.#days * 86_400_000;
  }

  /** All write each batch in turn; what the dashboards show beside VMs goes to virtflow alone, and is not measured. */
  async fill(log: (line: string) => void): Promise<Figure[]> {
    const last = (this.#days * 86_400_000) / stepMs;
    const perSecond = { virtflow: [] as number[], plain: [] as number[], influxdb: [] as number[] };
    let first = 0;
    for (let batch = 0; first < last; batch++) {
      const count = Math.min(batch < measuredBatches ? roundsInABatch : roundsInALargeBatch, last - first);
      const samples = vmSamples(first, count, start);
      const lines = samples.map(lineOf).join('\n');
      const virtflow = await rate(samples.length, () => write(this.#virtflow, samples));
      const plainRate = await rate(samples.length, () => this.#plain.write(samples));
      const influxdb = await rate(samples.length, () => this.#server.write('bench', lines));
      if (count === roundsInABatch) {
        perSecond.virtflow.push(virtflow);
        perSecond.plain.push(plainRate);
        perSecond.influxdb.push(influxdb);
      }
      await write(this.#virtflow, otherSamples(first, count, start));
      first += count;
      if (batch % 25 === 24) log(`written: ${((first * stepMs) / 86_400_000).toFixed(1)} days`);
    }
    return [
      ratio('ingest, virtflow', perSecond.virtflow, '/s', { name: 'InfluxDB', values: perSecond.influxdb }),
      ratio('ingest, virtflow', perSecond.virtflow, '/s', { name: 'DuckDB by hand', values: perSecond.plain }),
    ];
  }

  sizes(): Figure[] {
    const sizeOf = (name: string) => statSync(join(this.#directory, `${name}.duckdb`)).size / 2 ** 20;
    return [
      plain('file of virtflow, with roll-ups, disks, NICs, hosts', [sizeOf('virtflow')], 'MiB'),
      plain('file of DuckDB by hand', [sizeOf('plain')], 'MiB'),
    ];
  }

  async asked({ what, query, rangeMs, sql }: Question, count: number): Promise<Figure[]> {
    const end = this.#end;
    const range = { from: end - rangeMs, to: end - 1, intervalMs: 60_000 };
    const plan = planQuery(query, range);
    const points = planQuery({ ...query, policy: 'autogen' }, range);
    const answers = new Set<number>();
    const rowsOf = async (engine: MetricEngine, asked: typeof plan) => {
      const { frames } = await engine.query(asked, {});
      answers.add(frames.reduce((sum, { times }) => sum + times.length, 0));
    };
    const times = await rounds(
      {
        virtflow: () => took(() => rowsOf(this.#virtflow, plan)),
        points: () => took(() => rowsOf(this.#virtflow, points)),
        plain: () => took(async () => answers.add(await this.#plain.ask(sql(range.from)))),
        influxdb: () => took(() => rowsOf(this.#influxdb, points)),
      },
      { count, warmUp: 1 },
    );
    if (answers.size !== 1) throw new Error(`${what}: answers of ${[...answers].join(', ')} rows`);
    return [
      ratio(what, times.virtflow, 'ms', { name: 'InfluxDB', values: times.influxdb }),
      ratio(what, times.virtflow, 'ms', { name: 'DuckDB by hand', values: times.plain }),
      ratio(what, times.virtflow, 'ms', { name: 'points alone', values: times.points }),
    ];
  }

  async dashboard(uid: string, count: number): Promise<Figure[]> {
    const { dashboard } = new Dashboards(shippedDashboards, join(this.#directory, 'none')).get(uid);
    const panels = panelsOf(dashboard).flatMap(({ id }) => (id === undefined ? [] : [{ id, points: 700 }]));
    const values = { connection: 'bench', host: 'host-2', vm: 'vm-42' };
    const show = (policy?: string) => async () => {
      const source = {
        query: (query: unknown, range: Parameters<typeof planQuery>[1]) =>
          this.#virtflow.query({ ...planQuery(query, range), policy }, {}),
        tagValues: (measurement: string, tag: string) => this.#virtflow.tagValues(measurement, tag, {}),
      };
      const reader = new PanelReader(dashboard, { from: start, to: this.#end - 1 }, values, source, {});
      const told = await reader.panels(panels);
      const failed = told.find(({ error }) => error);
      if (failed?.error) throw new Error(`${uid}: ${failed.error.message}`);
    };
    const times = await rounds(
      { virtflow: () => took(show()), points: () => took(show('autogen')) },
      { count, warmUp: 1 },
    );
    const what = `${this.#days} d, dashboard ${uid}, ${panels.length} panels`;
    return [ratio(what, times.virtflow, 'ms', { name: 'points alone', values: times.points })];
  }

  async close(): Promise<void> {
    await this.#virtflow.close();
    await this.#influxdb.close();
    this.#plain.close();
    await this.#server.stop();
  }
}

async function write(engine: MetricEngine, samples: readonly Sample[]): Promise<void> {
  const outcome = await engine.write(samples, never);
  if (outcome.type !== 'written') throw new Error(`${engine.name}: ${outcome.reason}`);
}

async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  return (count * 1_000) / (await took(work));
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** In nanoseconds, for that is what the server takes unless told. */
function lineOf({ measurement, tags, at, fields }: Sample): string {
  const tagText = Object.entries(tags).map(([tag, value]) => `${tag}=${value}`);
  const fieldText = Object.entries(fields).map(([field, value]) => `${field}=${value}`);
  return `${[measurement, ...tagText].join(',')} ${fieldText.join(',')} ${at}000000`;
}
