import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, loadDuckDb } from '../../../lib/metrics/store/duckdb/database.ts';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import { Matches } from '../../../lib/metrics/store/duckdb/matches.ts';
import { InfluxEngine } from '../../../lib/metrics/store/influx/engine.ts';
import { planQuery } from '../../../lib/metrics/store/structured-query.ts';
import { requireLab } from '../../lab/availability.ts';
import { type InfluxDb, startInfluxDb } from '../../lab/influxdb.ts';
import { engineContract, sample } from './contract.ts';

describe('metrics in DuckDB', function () {
  this.timeout(60_000);
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'duckdb-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  const path = () => join(directory, 'metrics', 'metrics.duckdb');
  const open = async () => new DuckDbEngine({ path: path(), memoryMiB: 128 });
  engineContract(() => ({
    open,
    empty: async () => rmSync(join(directory, 'metrics'), { recursive: true, force: true }),
  }));

  it('keeps its file to its owner', async () => {
    const engine = await open();
    await engine.measurements();
    await engine.close();
    assert.equal(statSync(path()).mode & 0o777, 0o600);
    assert.equal(statSync(join(directory, 'metrics')).mode & 0o777, 0o700);
  });
});

describe('a DuckDB file that is opened anew after a write has failed', function () {
  this.timeout(30_000);
  const directory = mkdtempSync(join(tmpdir(), 'duckdb-anew-'));
  const engine = new DuckDbEngine({ path: join(directory, 'metrics.duckdb'), memoryMiB: 128 });
  const { open } = Database;
  const { use, close } = Database.prototype;

  after(async () => {
    Object.assign(Database, { open });
    Object.assign(Database.prototype, { use, close });
    await engine.close();
    rmSync(directory, { recursive: true });
  });

  it('is not open twice, also while something is being asked of it', async () => {
    await engine.write([sample('u-1', 0, { cpu_ratio: 0.5 })]);
    const order: string[] = [];
    const select = [[{ type: 'field', params: ['cpu_ratio'] }]];
    const points = planQuery({ measurement: 'vm', select }, { from: 0, to: Date.now(), intervalMs: 1_000 });
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    Object.assign(Database.prototype, {
      use(this: Database, work: Parameters<typeof use>[0]) {
        return use.call(this, async (connection) => {
          const answer = await work(connection);
          asked.resolve();
          await answered.promise;
          return answer;
        });
      },
    });
    const answer = engine.query(points, {});
    await asked.promise;
    Object.assign(Database.prototype, {
      use,
      close(this: Database) {
        // Later than it would be opened anew if that waited for nothing.
        setImmediate(() => setImmediate(() => answered.resolve()));
        return close.call(this);
      },
    });
    Object.assign(Database, {
      open: (...parts: Parameters<typeof open>) => {
        order.push('opened');
        return open.call(Database, ...parts);
      },
    });
    const told = answer.then(() => order.push('answered'));
    const impossible = { ...sample('u-1', 1, { cpu_ratio: 0.5 }), at: 2 ** 70 };
    const failed = engine.write([impossible]);
    const written = engine.write([sample('u-1', 2, { cpu_ratio: 0.7 })]);
    assert.deepEqual([(await failed).type, (await written).type], ['away', 'written']);
    await told;
    assert.deepEqual(order, ['answered', 'opened']);
  });
});

describe('percentiles in a DuckDB that may take little memory', function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), 'duckdb-small-'));
  const engine = new DuckDbEngine({ path: join(directory, 'metrics.duckdb'), memoryMiB: 32 });
  const [begin, moments] = [Date.parse('2026-01-01T00:00:00Z'), 20_000];
  const names = Array.from({ length: 40 }, (_, index) => `u-${index}`);
  const percentile = (...tags: string[]) =>
    planQuery(
      {
        measurement: 'vm',
        select: [
          [
            { type: 'field', params: ['cpu_ratio'] },
            { type: 'percentile', params: [95] },
          ],
        ],
        groupBy: [...tags.map((tag) => ({ type: 'tag', params: [tag] })), { type: 'fill', params: ['none'] }],
      },
      { from: begin, to: begin + moments * 1_000, intervalMs: 1_000 },
    );

  before(async () => {
    for (let first = 0; first < moments; first += 250) {
      const part = Array.from({ length: 250 }, (_, index) => first + index).flatMap((moment) =>
        names.map((name) => ({
          measurement: 'vm' as const,
          tags: { connection: 'lab', id: name, name },
          at: begin + moment * 1_000,
          fields: { cpu_ratio: (moment % 100) / 100 },
        })),
      );
      assert.deepEqual(await engine.write(part), { type: 'written' });
    }
  });
  after(async () => {
    await engine.close();
    rmSync(directory, { recursive: true });
  });

  it('are of as many objects as there are, a few at a time', async () => {
    const { frames } = await engine.query(percentile('name'), {});
    assert.deepEqual(
      frames.map(({ tags, columns }) => [tags.name, columns[0]?.values]),
      names.toSorted().map((name) => [name, [0.94]]),
    );
  });

  it('are refused with what to do where there is no room, and nothing is lost', async () => {
    const { use } = Database.prototype;
    Object.assign(Database.prototype, {
      use: () => Promise.reject(new Error('Out of Memory Error: could not allocate block')),
    });
    try {
      await assert.rejects(engine.query(percentile(), {}), { code: 'METRIC_QUERY_MEMORY' });
    } finally {
      Object.assign(Database.prototype, { use });
    }
    assert.equal((await engine.query(percentile('name'), {})).frames.length, names.length);
    const late = [sample('late', begin + moments * 1_000, { cpu_ratio: 0.5 })];
    assert.deepEqual(await engine.write(late), { type: 'written' });
  });
});

describe('regular expressions in DuckDB', () => {
  it('are not called wrong where the file cannot be asked', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'duckdb-matches-'));
    const database = await Database.open(await loadDuckDb(), { path: join(directory, 'a.duckdb'), memoryMiB: 64 });
    const matches = new Matches();
    assert.deepEqual([...(await matches.of(database, '^w', ['web', 'db']))], ['web']);
    await assert.rejects(matches.of(database, '(', ['web']), { code: 'METRIC_QUERY_INVALID' });
    database.hurry();
    await assert.rejects(matches.of(database, '^d', ['web']), /it is being closed/);
    await database.close();
    rmSync(directory, { recursive: true });
  });
});

describe('metrics in InfluxDB', function () {
  this.timeout(60_000);
  let server: InfluxDb;
  before(async function () {
    await requireLab(this, 'influxdb');
    server = await startInfluxDb();
  });
  after(() => server?.stop());

  engineContract(() => ({
    open: async () => new InfluxEngine({ name: 'store', url: server.url, database: 'virtflow' }),
    empty: async () => {
      for (const name of ['virtflow', 'virtflow_5m', 'virtflow_1h']) await server.query(`DROP DATABASE "${name}"`);
    },
  }));

  it('removes nothing of what others keep in the same database', async () => {
    const at = Date.parse('2026-01-01T00:00:00Z');
    await server.query('CREATE DATABASE "virtflow"');
    await server.write('virtflow', `disk,host=alpha used_percent=7 ${at}000000`);
    const engine = new InfluxEngine({ name: 'store', url: server.url, database: 'virtflow' });
    await engine.write([{ ...sample('u-1', 0, { cpu_ratio: 1 }), at }], new AbortController().signal);
    const removed = await engine.removeBefore({ raw: at + 3_600_000, '5m': 0, '1h': 0 });
    await engine.close();
    assert.equal(removed.raw, 1);
    const [theirs] = await server.query('SELECT * FROM "disk"', 'virtflow');
    assert.equal(theirs?.series?.[0]?.values.length, 1);
  });
});
