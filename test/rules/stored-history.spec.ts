import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventPoint } from '../../lib/metrics/event-points.ts';
import { DuckDbEngine } from '../../lib/metrics/store/duckdb/engine.ts';
import type { MetricEngine } from '../../lib/metrics/store/engine.ts';
import { InfluxEngine } from '../../lib/metrics/store/influx/engine.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { type PowerState, powerNumbers } from '../../lib/model/objects.ts';
import type { Sample } from '../../lib/model/reading.ts';
import { backtest, compare } from '../../lib/rules/backtest.ts';
import type { Firing } from '../../lib/rules/firings.ts';
import { historyOf, type Recorded } from '../../lib/rules/past.ts';
import { parseRule, type Rule } from '../../lib/rules/rule.ts';
import { type PastStore, storedHistory } from '../../lib/rules/stored-history.ts';
import { requireLab } from '../lab/availability.ts';
import { type InfluxDb, startInfluxDb } from '../lab/influxdb.ts';
import { eventOf, past, sampleOf, start } from './recorded.ts';

const hour = 3_600_000;
const week = 7 * 24 * hour;
const figure = { measurement: 'vm', value: { field: 'cpu_ratio' }, unit: 'percent' };
const warning = (threshold: number) => [{ severity: 'warning', threshold }];

const rules: readonly Rule[] = [
  { kind: 'threshold', ...figure, direction: 'above', levels: warning(70), forSeconds: 25, noDataAfterSeconds: 65 },
  { kind: 'rate', ...figure, overSeconds: 60, per: 'minute', direction: 'above', levels: warning(20) },
  { kind: 'absence', measurement: 'vm', levels: warning(45) },
  { kind: 'forecast', ...figure, reaches: 100, direction: 'above', pastSeconds: 600, levels: warning(0.02) },
].map((about) => parseRule({ id: about.kind, name: about.kind, ...about }));

/** Five weeks of one VM that is busy on Mondays at noon, and on one Monday is not. */
function weeks(): Sample[] {
  const monday = Date.parse('2026-01-05T12:00:00Z');
  return Array.from({ length: (5 * week) / 600_000 }, (_, index) => {
    const at = monday - 12 * hour + index * 600_000;
    const isNoon = (at - monday) % week < hour && (at - monday) % week >= 0;
    const isLast = at >= monday + 4 * week;
    return sampleOf('u-1', at, (isNoon && !isLast ? 0.9 : 0.1) + (index % 7) / 200);
  });
}

const brief = (firings: readonly Firing[]) =>
  firings.map(({ key, since, until, severity, says }) => [key, since, until, severity, says].join(' '));

function behavesLikeThePast(store: () => PastStore, write: (samples: readonly Sample[]) => Promise<void>): void {
  const recorded = past(3, 400).filter((one) => 'sample' in one);
  const range = { from: start, to: start + 2 * hour };

  it('lets rules fire as the samples themselves do', async () => {
    await write(recorded.map(({ sample }) => sample));
    for (const rule of rules) {
      const told = await backtest(storedHistory(store()), { ...range, rule });
      const meant = await backtest(historyOf(recorded), { ...range, rule });
      assert.ok(meant.firings.length > 0, rule.kind);
      assert.deepEqual(brief(told.firings), brief(meant.firings), rule.kind);
      assert.equal(told.samples, recorded.length);
    }
  });

  it('lets rules over events fire as the events themselves do', async () => {
    const events = past(3, 400).flatMap((one) => ('event' in one ? [one] : []));
    await write(events.map(({ event }) => eventPoint(event, '')));
    for (const over of ['object', 'all']) {
      const rule = parseRule({
        ...{ id: 'crashing', name: 'crashing', kind: 'event-count', events: ['vm.crashed'], windowSeconds: 300, over },
        levels: warning(2),
      });
      const told = await backtest(storedHistory(store()), { ...range, rule });
      const meant = await backtest(historyOf(events), { ...range, rule });
      assert.ok(meant.firings.length > 0, over);
      assert.deepEqual(brief(told.firings), brief(meant.firings), over);
    }
  });

  it('lets rules over states fire as VMs stood, until they were deleted', async () => {
    const at = (minute: number) => start + minute * 60_000;
    const stood = (id: string, minute: number, power: PowerState): Sample => {
      return { ...sampleOf(id, at(minute), 0), fields: { state: powerNumbers[power] } };
    };
    await write([
      ...[0, 5, 10, 15, 20, 25].map((minute) => stood('forgotten', minute, 'paused')),
      ...[stood('short', 0, 'running'), stood('short', 2, 'paused'), stood('short', 4, 'running')],
      ...[0, 5, 10].map((minute) => stood('deleted', minute, 'crashed')),
      ...[eventOf('vm.paused', 'heard', at(3)), eventOf('vm.resumed', 'heard', at(16))].map((one) =>
        eventPoint(one, ''),
      ),
      eventPoint(eventOf('vm.undefined', 'deleted', at(14)), ''),
    ]);
    const rule = parseRule({
      ...{ id: 'stuck', name: 'stuck', kind: 'state', states: ['paused', 'crashed'] },
      levels: warning(600),
    });
    const { firings } = await backtest(storedHistory(store()), { from: start, to: at(30), rule });
    const minutes = (moment: number | null) => moment && (moment - start) / 60_000;
    assert.deepEqual(
      firings.map(({ name, since, until, ended }) => [name, minutes(since), minutes(until), ended]),
      [
        ['deleted', 10, 14, 'gone'],
        ['forgotten', 10, null, null],
        ['heard', 13, 16, 'resolved'],
      ],
    );
  });

  it('teaches a rule what is usual by means, and comes to the same', async () => {
    const samples = weeks();
    await write(samples);
    const rule = parseRule({
      ...{ id: 'odd', name: 'odd', kind: 'anomaly', ...figure, direction: 'both' },
      levels: warning(6),
    });
    const asked = { from: start + 4 * week, to: start + 5 * week, rule };
    const memory = historyOf(samples.map((sample) => ({ sample })));
    const [told, meant] = [await backtest(storedHistory(store()), asked), await backtest(memory, asked)];
    assert.equal(meant.firings.length, 1);
    assert.deepEqual(
      told.firings.map(({ since, until }) => [since, until]),
      meant.firings.map(({ since, until }) => [since, until]),
    );
    assert.ok(told.samples < meant.samples, `${told.samples} of ${meant.samples}`);
  });

  it('leaves out what whoever asks may not see', async () => {
    await write(recorded.map(({ sample }) => sample));
    const [rule] = rules;
    assert.ok(rule);
    const sees = ({ id }: Readonly<Record<string, string>>) => id === 'u-3';
    const { firings, objects } = await backtest(storedHistory(store(), { sees }), { ...range, rule });
    assert.equal(objects, 1);
    assert.ok(firings.every(({ name }) => name === 'u-3'));
  });
}

describe('the past in DuckDB', function () {
  this.timeout(120_000);
  const directory = mkdtempSync(join(tmpdir(), 'duckdb-'));
  let engine: MetricEngine;
  beforeEach(() => {
    engine = new DuckDbEngine({ path: join(directory, `${Math.random()}.duckdb`), memoryMiB: 128 });
  });
  afterEach(() => engine.close());
  after(() => rmSync(directory, { recursive: true }));
  behavesLikeThePast(
    () => storeOf(engine),
    (samples) => write(engine, samples),
  );
});

describe('the past in InfluxDB', function () {
  this.timeout(120_000);
  let server: InfluxDb;
  let engine: MetricEngine;
  before(async function () {
    await requireLab(this, 'influxdb');
    server = await startInfluxDb();
  });
  beforeEach(async () => {
    for (const level of ['', '_5m', '_1h']) await server.query(`DROP DATABASE "virtflow${level}"`);
    engine = new InfluxEngine({ name: 'store', url: server.url, database: 'virtflow' });
  });
  afterEach(() => engine?.close());
  after(() => server?.stop());
  behavesLikeThePast(
    () => storeOf(engine),
    (samples) => write(engine, samples),
  );
});

describe('the past in a store', () => {
  const [rule] = rules;
  assert.ok(rule);
  const many = Array.from(
    { length: 50_000 },
    (_, i): Recorded => ({ sample: sampleOf(`u-${i % 100}`, start + i * 20, 0.5) }),
  );
  const asked = { from: start, to: start + 50_000 * 20, rule };

  it('is asked for in shorter stretches where there is too much at once', async () => {
    const lengths: number[] = [];
    const store: PastStore = {
      fields: async () => [],
      query: async ({ from, to }) => {
        lengths.push(to - from + 1);
        if (to - from > 60_000) throw new VirtflowError('METRIC_QUERY_TOO_LARGE', { rows: 1 });
        return { frames: [], intervalMs: undefined, level: 'raw', missingBefore: undefined };
      },
    };
    await backtest(storedHistory(store), asked);
    assert.equal(Math.min(...lengths), 37_500);
  });

  it('is judged while others have their turn, with progress, and no longer than it may take', async () => {
    let turns = 0;
    const others = setInterval(() => {
      turns += 1;
    }, 0);
    const told: number[] = [];
    await backtest(historyOf(many), { ...asked, progress: (ratio) => told.push(ratio) });
    clearInterval(others);
    assert.ok(turns > 5, `${turns} turns`);
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
    assert.ok((told.at(-1) ?? 0) > 0.99);
    const halves = {
      async *read() {
        yield many.slice(0, 25_000);
        yield many.slice(25_000);
      },
    };
    const { draft } = await compare(halves, { rule }, undefined, { ...asked, limitMs: 0 });
    assert.equal(draft.range.to, start + 24_999 * 20);
  });
});

function storeOf(engine: MetricEngine): PastStore {
  return {
    query: (plan, options = {}) => engine.query(plan, options),
    fields: (measurement) => engine.fields(measurement),
  };
}

async function write(engine: MetricEngine, samples: readonly Sample[]): Promise<void> {
  for (let index = 0; index < samples.length; index += 5_000) {
    const part = samples.slice(index, index + 5_000);
    assert.deepEqual(await engine.write(part, new AbortController().signal), { type: 'written' });
  }
}
