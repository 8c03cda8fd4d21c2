import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import type { MetricEngine } from '../../../lib/metrics/store/engine.ts';
import { InfluxEngine } from '../../../lib/metrics/store/influx/engine.ts';
import { planQuery } from '../../../lib/metrics/store/structured-query.ts';
import { requireLab } from '../../lab/availability.ts';
import { type InfluxDb, startInfluxDb } from '../../lab/influxdb.ts';
import { seeded } from '../../seeded.ts';
import { rowsOf } from './alike.ts';
import { deviationQuery, randomQuery, randomRange, randomSamples, threeDays, twoHours } from './random-queries.ts';

const rounds = Number(process.env.VIRTFLOW_TEST_ROUNDS ?? 400);

for (const [what, scale, count] of [
  ['two hours', twoHours, 3_000],
  ['three days', threeDays, 20_000],
] as const)
  describe(`the same data of ${what} asked in the same way`, function () {
    this.timeout(300_000);
    const signal = new AbortController().signal;
    let server: InfluxDb;
    let directory = '';
    const engines: MetricEngine[] = [];

    before(async function () {
      await requireLab(this, 'influxdb');
      server = await startInfluxDb();
      directory = mkdtempSync(join(tmpdir(), 'agreement-'));
      engines.push(
        new InfluxEngine({ name: 'store', url: server.url, database: 'virtflow' }),
        new DuckDbEngine({ path: join(directory, 'duckdb', 'metrics.duckdb'), memoryMiB: 256 }),
      );
      const samples = randomSamples(seeded(7), count, scale);
      for (const engine of engines) {
        for (let from = 0; from < samples.length; from += 500) {
          assert.deepEqual(await engine.write(samples.slice(from, from + 500), signal), { type: 'written' });
        }
      }
    });

    after(async () => {
      for (const engine of engines) await engine.close();
      await server?.stop();
      if (directory !== '') rmSync(directory, { recursive: true });
    });

    it(`gives the same answer in every store (${rounds} random queries)`, async () => {
      const random = seeded(42);
      for (let round = 0; round < rounds; round++) {
        const query = round % 10 === 0 ? deviationQuery(random, scale) : randomQuery(random, scale);
        const range = randomRange(random, scale);
        const plan = planQuery(query, range);
        const [expected, ...others] = await Promise.all(engines.map((engine) => engine.query(plan, {})));
        for (const other of others) {
          const where = `round ${round}: ${JSON.stringify(query)} ${JSON.stringify(range)}`;
          const wanted = expected?.frames ?? [];
          assert.deepEqual(rowsOf(other.frames, wanted), rowsOf(wanted), where);
        }
      }
    });
  });
