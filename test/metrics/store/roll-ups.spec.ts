import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import { InfluxEngine } from '../../../lib/metrics/store/influx/engine.ts';
import { planQuery } from '../../../lib/metrics/store/structured-query.ts';
import { requireLab } from '../../lab/availability.ts';
import { type InfluxDb, startInfluxDb } from '../../lab/influxdb.ts';
import { rollUpContract } from './roll-up-contract.ts';

describe('roll-ups in DuckDB', function () {
  this.timeout(120_000);
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'roll-ups-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  rollUpContract(() => ({
    open: async () => new DuckDbEngine({ path: join(directory, 'metrics', 'metrics.duckdb'), memoryMiB: 128 }),
    empty: async () => rmSync(join(directory, 'metrics'), { recursive: true, force: true }),
  }));
});

describe('roll-ups in InfluxDB', function () {
  this.timeout(300_000);
  let server: InfluxDb;
  before(async function () {
    await requireLab(this, 'influxdb');
    server = await startInfluxDb();
  });
  after(() => server?.stop());

  rollUpContract(() => ({
    open: async () => new InfluxEngine({ name: 'store', url: server.url, database: 'virtflow' }),
    empty: async () => {
      for (const name of ['virtflow', 'virtflow_5m', 'virtflow_1h']) await server.query(`DROP DATABASE "${name}"`);
    },
  }));

  it('are left out, and nothing else, for one who may make no databases', async () => {
    const login = { user: 'root', password: 'secret' };
    const guarded = await startInfluxDb(login);
    await guarded.query('CREATE DATABASE virtflow');
    await guarded.query("CREATE USER flow WITH PASSWORD 'may-not-create'");
    await guarded.query('GRANT ALL ON virtflow TO flow');
    const settings = {
      name: 'store',
      url: guarded.url,
      database: 'virtflow',
      username: 'flow',
      password: 'may-not-create',
    };
    const engine = new InfluxEngine(settings);
    const at = Date.parse('2026-01-01T00:00:00Z');
    const tags = { connection: 'lab', id: 'u-1' };
    for (const hour of [0, 1, 2]) {
      const sample = { measurement: 'vm' as const, tags, at: at + hour * 3_600_000, fields: { cpu_ratio: hour } };
      assert.deepEqual(await engine.write([sample], new AbortController().signal), { type: 'written' });
    }
    const select = [[{ type: 'field', params: ['cpu_ratio'] }, { type: 'sum' }]];
    const plan = planQuery({ measurement: 'vm', select }, { from: at, to: at + 86_400_000, intervalMs: 60_000 });
    const { frames, level } = await engine.query(plan, {});
    assert.deepEqual([level, frames[0]?.columns[0]?.values], ['raw', [3]]);
    await engine.close();
    await guarded.stop();
  });
});
