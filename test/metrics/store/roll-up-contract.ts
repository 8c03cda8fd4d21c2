import assert from 'node:assert/strict';
import type { MetricEngine } from '../../../lib/metrics/store/engine.ts';
import type { Level } from '../../../lib/metrics/store/levels.ts';
import type { QueryResult } from '../../../lib/metrics/store/result.ts';
import { planQuery, type QueryRange, type StructuredQuery } from '../../../lib/metrics/store/structured-query.ts';
import type { Sample } from '../../../lib/model/reading.ts';
import { seeded } from '../../seeded.ts';
import { rowsOf } from './alike.ts';
import type { EngineSubject } from './contract.ts';
import { randomQuery, randomRange, randomSamples, start, threeDays } from './random-queries.ts';

const rounds = Number(process.env.VIRTFLOW_TEST_ROUNDS ?? 200);
const signal = new AbortController().signal;
const day = 86_400_000;

/** What every engine's roll-ups have to do. */
export function rollUpContract(subject: () => EngineSubject): void {
  let engine: MetricEngine;

  beforeEach(async () => {
    await subject().empty();
    engine = await subject().open();
  });

  afterEach(() => engine?.close());

  async function write(samples: readonly Sample[]): Promise<void> {
    for (let from = 0; from < samples.length; from += 500) {
      assert.deepEqual(await engine.write(samples.slice(from, from + 500), signal), { type: 'written' });
    }
  }

  const ask = (query: StructuredQuery, range: QueryRange) => engine.query(planQuery(query, range), {});
  /** A query that names a retention policy is answered from it alone. */
  const askPoints = (query: StructuredQuery, range: QueryRange) => ask({ ...query, policy: 'autogen' }, range);

  async function agree(seed: number, count: number): Promise<ReadonlySet<Level>> {
    const random = seeded(seed);
    const seen = new Set<Level>();
    for (let round = 0; round < count; round++) {
      const [query, range] = [randomQuery(random, threeDays), randomRange(random, threeDays)];
      const [rolledUp, points] = [await ask(query, range), await askPoints(query, range)];
      assert.equal(points.level, 'raw');
      seen.add(rolledUp.level);
      const where = `round ${round} (${rolledUp.level}): ${JSON.stringify(query)} ${JSON.stringify(range)}`;
      assert.deepEqual(rowsOf(rolledUp.frames, points.frames), rowsOf(points.frames), where);
    }
    return seen;
  }

  it(`give the same answers as the points, whenever those come (${rounds} random queries)`, async () => {
    await write(randomSamples(seeded(11), 12_000, threeDays));
    assert.deepEqual([...(await agree(12, rounds))].sort(), ['1h', '5m', 'raw']);
    const late = randomSamples(seeded(13), 400, threeDays);
    await write(late);
    await agree(14, 40);
    await engine.close();
    engine = await subject().open();
    await write(late);
    await agree(15, 40);
  });

  it('are read at the coarsest level that gives the very answer', async () => {
    await write(steady(2));
    const range = { from: start + 1, to: start + day + 7, intervalMs: 60_000 };
    const levelOf = async (type: string, every: string, params: readonly (string | number)[] = []) => {
      const select = [
        [
          { type: 'field', params: ['cpu_ratio'] },
          { type, params: [...params] },
        ],
      ];
      return (await ask({ ...query, select, groupBy: [{ type: 'time', params: [every] }] }, range)).level;
    };
    assert.deepEqual(
      await Promise.all(['1m', '5m', '7m', '15m', '1h', '90m', '1d'].map((every) => levelOf('mean', every))),
      ['raw', '5m', 'raw', '5m', '1h', '5m', '1h'],
    );
    assert.deepEqual(await Promise.all(['min', 'max', 'sum', 'count', 'spread'].map((name) => levelOf(name, '1h'))), [
      '1h',
      '1h',
      '1h',
      '1h',
      '1h',
    ]);
    assert.deepEqual(
      await Promise.all([levelOf('median', '1h'), levelOf('percentile', '1h', [95]), levelOf('stddev', '1h')]),
      ['raw', 'raw', 'raw'],
    );
    const whole = { ...query, select: [[{ type: 'field', params: ['cpu_ratio'] }, { type: 'max' }]], groupBy: [] };
    assert.equal((await ask(whole, range)).level, '1h');
  });

  it('answer when the points are gone, as they did before', async () => {
    await write(steady(3));
    const range = { from: start, to: start + 2 * day - 1, intervalMs: 60_000 };
    const hourly = { ...query, groupBy: [{ type: 'time', params: ['1h'] }] };
    const before = await ask(hourly, range);
    const removed = await engine.removeBefore({ raw: start + 2 * day, '5m': start + day, '1h': 0 });
    assert.deepEqual(removed, { raw: 2 * 2_880, '5m': 288, '1h': 0 });
    assert.deepEqual(await ask(hourly, range), before);
    const narrow = await ask(query, { ...range, from: start + day + 1 });
    assert.deepEqual([narrow.intervalMs, narrow.level, narrow.missingBefore], [300_000, '5m', undefined]);
    assert.equal(narrow.frames[0]?.times.length, 288);
    const median = [[{ type: 'field', params: ['cpu_ratio'] }, { type: 'median' }]];
    const points = await ask({ ...query, select: median }, range);
    assert.deepEqual([points.frames, points.level, points.missingBefore], [[], 'raw', start + 2 * day]);
  });

  it('keep what is rolled up from what comes after its points are gone', async () => {
    await write(steady(2));
    const range = { from: start, to: start + day - 1, intervalMs: 3_600_000 };
    const before = await ask(query, range);
    await engine.removeBefore({ raw: start + day, '5m': 0, '1h': 0 });
    const [late] = steady(1);
    const outcome = late && (await engine.write([late], signal));
    assert.deepEqual([outcome?.type, outcome && 'dropped' in outcome && outcome.dropped], ['bad', 1]);
    assert.deepEqual(framesOf(await ask(query, range)), framesOf(before));
  });
}

const query: StructuredQuery = {
  measurement: 'vm',
  select: [[{ type: 'field', params: ['cpu_ratio'] }, { type: 'mean' }]],
  groupBy: [{ type: 'time', params: ['$__interval'] }],
};

/** One VM, every half a minute. */
function steady(days: number): Sample[] {
  const tags = { connection: 'lab', host: 'alpha', id: 'u-1', name: 'web' };
  return Array.from({ length: (days * day) / 30_000 + 4 }, (_, index) => ({
    measurement: 'vm',
    tags,
    at: start + index * 30_000,
    fields: { cpu_ratio: (index % 97) / 97 },
  }));
}

function framesOf({ frames }: QueryResult) {
  return frames;
}
