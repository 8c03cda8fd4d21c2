import assert from 'node:assert/strict';
import type { MetricEngine } from '../../../lib/metrics/store/engine.ts';
import type { QueryFrame } from '../../../lib/metrics/store/result.ts';
import { planQuery, type StructuredQuery } from '../../../lib/metrics/store/structured-query.ts';
import type { Sample } from '../../../lib/model/reading.ts';

const start = Date.parse('2026-02-01T00:00:00Z');
const range = { from: start, to: start + 3_600_000, intervalMs: 60_000 };
const signal = new AbortController().signal;

export interface EngineSubject {
  /** Opens what was written before, or an empty one. */
  open(): Promise<MetricEngine>;
  empty(): Promise<void>;
}

/** What every engine has to do. */
export function engineContract(subject: () => EngineSubject): void {
  let engine: MetricEngine;

  beforeEach(async () => {
    await subject().empty();
    engine = await subject().open();
  });

  afterEach(() => engine?.close());

  async function write(...samples: Sample[]): Promise<void> {
    assert.deepEqual(await engine.write(samples, signal), { type: 'written' });
  }

  async function ask(query: Partial<StructuredQuery>): Promise<readonly QueryFrame[]> {
    const whole = { measurement: 'vm', select: [[{ type: 'field', params: ['cpu_ratio'] }]], ...query };
    return (await engine.query(planQuery(whole, range), {})).frames;
  }

  it('has a sample that is written twice once', async () => {
    await write(sample('u-1', 0, { cpu_ratio: 0.5 }), sample('u-1', 1, { cpu_ratio: 0.6 }));
    await write(sample('u-1', 0, { cpu_ratio: 0.5 }), sample('u-1', 1, { cpu_ratio: 0.6 }));
    const [frame] = await ask({});
    assert.deepEqual(frame?.times, [start, start + 1_000]);
    assert.deepEqual(frame?.columns[0]?.values, [0.5, 0.6]);
  });

  it('makes one point of what is told of one moment in two samples', async () => {
    await write(sample('u-1', 0, { cpu_ratio: 0.5 }));
    await write(sample('u-1', 0, { memory_used_bytes: 7 }));
    const fields = ['cpu_ratio', 'memory_used_bytes'].map((field) => [{ type: 'field', params: [field] }]);
    const [frame] = await ask({ select: fields });
    assert.deepEqual(
      frame?.columns.map(({ values }) => values),
      [[0.5], [7]],
    );
  });

  it('puts what comes late in its place', async () => {
    await write(sample('u-1', 9, { cpu_ratio: 0.9 }));
    await write(sample('u-1', 3, { cpu_ratio: 0.3 }), sample('u-1', 12, { cpu_ratio: 1 }));
    assert.deepEqual((await ask({}))[0]?.columns[0]?.values, [0.3, 0.9, 1]);
  });

  it('keeps what it has taken', async () => {
    await write(sample('u-1', 0, { cpu_ratio: 0.5 }));
    await engine.close();
    engine = await subject().open();
    assert.deepEqual((await ask({}))[0]?.columns[0]?.values, [0.5]);
    assert.deepEqual(await engine.measurements(), ['vm']);
    assert.deepEqual(await engine.fields('vm'), ['cpu_ratio']);
    assert.deepEqual(await engine.tags('vm'), ['connection', 'host', 'id', 'name']);
    assert.deepEqual(await engine.tagValues('vm', 'id', {}), ['u-1']);
  });

  it('knows what it has not', async () => {
    assert.deepEqual(await engine.measurements(), []);
    assert.deepEqual(await engine.fields('vm'), []);
    assert.deepEqual(await engine.tagValues('vm', 'id', {}), []);
    assert.deepEqual(await ask({}), []);
    await write(sample('u-1', 0, { cpu_ratio: 0.5 }));
    assert.deepEqual(await ask({ select: [[{ type: 'field', params: ['nothing'] }]] }), []);
  });

  it('leaves out what whoever asks may not see', async () => {
    await write(sample('u-1', 0, { cpu_ratio: 0.5 }), sample("u'2\\", 0, { cpu_ratio: 0.7 }));
    const sees = ({ id }: Readonly<Record<string, string>>) => id === "u'2/" || id === "u'2\\";
    const query = { measurement: 'vm', select: [[{ type: 'field', params: ['cpu_ratio'] }, { type: 'sum' }]] };
    const { frames } = await engine.query(planQuery(query, range), { sees });
    assert.deepEqual(
      frames.map(({ columns }) => columns[0]?.values),
      [[0.7]],
    );
    assert.equal((await engine.tagValues('vm', 'id', { sees })).length, 1);
    const nothing = await engine.query(planQuery(query, range), { sees: () => false });
    assert.deepEqual(nothing.frames, []);
  });

  it('takes names and texts for what they are, whatever stands in them', async () => {
    const name = `a"b'c; DROP TABLE m0 -- \${x}`;
    const tags = { connection: 'lab', id: 'u-1', name };
    await write({ measurement: 'vm', tags, at: start, fields: { 'we"ird\' field': 4 } });
    for (const [operator, value] of [
      ['=', name],
      ['=~', '/a"b\'c; DROP/'],
      ['!=', "' OR 1=1 --"],
      ['!~', "/' OR \\/x/"],
    ] as const) {
      const frames = await ask({
        select: [[{ type: 'field', params: ['we"ird\' field'] }, { type: 'max' }]],
        tags: [{ key: 'name', operator, value }],
        groupBy: [{ type: 'tag', params: ['name'] }],
      });
      assert.deepEqual(
        frames.map((frame) => [frame.tags.name, frame.columns[0]?.values]),
        [[name, [4]]],
        `${operator} ${value}`,
      );
    }
    assert.deepEqual(await ask({ tags: [{ key: `x" = '' OR "name`, operator: '=', value: name }] }), []);
    assert.deepEqual(await ask({ tags: [{ key: 'name', operator: '=~', value: '/\\\\/' }] }), []);
  });

  it('refuses a regular expression that is none', async () => {
    await write(sample('u-1', 0, { cpu_ratio: 0.5 }));
    for (const value of ['/(/', '/a\\/', '/[/']) {
      await assert.rejects(
        ask({ tags: [{ key: 'name', operator: '=~', value }] }),
        { code: 'METRIC_QUERY_INVALID' },
        value,
      );
    }
  });

  it('removes what is older, tells how much that was, and goes on', async () => {
    const hour = 3_600;
    await write(
      sample('u-1', -hour, { cpu_ratio: 0.1 }),
      sample('u-1', 5, { cpu_ratio: 0.5 }),
      sample('u-2', 1 - hour, { cpu_ratio: 0.2 }),
    );
    const before = { raw: start, '5m': 0, '1h': 0 };
    assert.equal((await engine.removeBefore(before)).raw, 2);
    assert.equal((await engine.removeBefore(before)).raw, 0);
    const points = { select: [[{ type: 'field', params: ['cpu_ratio'] }]] };
    const whole = { ...range, from: start - hour * 1_000 };
    const { frames } = await engine.query(planQuery({ measurement: 'vm', ...points }, whole), {});
    assert.deepEqual(
      frames.map(({ columns }) => columns[0]?.values),
      [[0.5]],
    );
    await write(sample('u-2', 6, { cpu_ratio: 0.6 }));
    assert.deepEqual((await ask({}))[0]?.columns[0]?.values, [0.5, 0.6]);
  });

  it('removes and writes one after the other', async () => {
    await write(sample('u-1', 5, { cpu_ratio: 0.5 }));
    const removal = engine.removeBefore({ raw: start, '5m': 0, '1h': 0 });
    const outcome = await engine.write([sample('u-1', -5, { cpu_ratio: 0.1 })], signal);
    await removal;
    assert.deepEqual([outcome.type, 'dropped' in outcome && outcome.dropped], ['bad', 1]);
  });

  it('has the first points or the last ones, as many as are wanted of each series', async () => {
    const points = Array.from({ length: 20 }, (_, second) => sample('u-1', second, { cpu_ratio: second }));
    await write(...points, ...points.map((one) => ({ ...one, tags: { ...one.tags, id: 'u-2' } })));
    const valuesOf = async (orderByTime: string, math: object[] = []) => {
      const select = [[{ type: 'field', params: ['cpu_ratio'] }, ...math]];
      const asked = { select, groupBy: [{ type: 'tag', params: ['id'] }], orderByTime, limit: 3 };
      return (await ask(asked as Partial<StructuredQuery>)).map(({ columns }) => columns[0]?.values);
    };
    const both = await Promise.all([valuesOf('ASC'), valuesOf('DESC')]);
    assert.deepEqual(both, [
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
      [
        [19, 18, 17],
        [19, 18, 17],
      ],
    ]);
    assert.deepEqual(await valuesOf('DESC', [{ type: 'cumulative_sum' }]), [
      [190, 171, 153],
      [190, 171, 153],
    ]);
  });

  it('refuses an answer with too many buckets to fill, and gives the same without them', async () => {
    await write(...Array.from({ length: 30 }, (_, index) => sample(`u-${index}`, 0, { cpu_ratio: 0.5 })));
    const wide = { ...range, from: start - 40_000 * 60_000 };
    const query = (fill: string) => ({
      measurement: 'vm',
      select: [[{ type: 'field', params: ['cpu_ratio'] }, { type: 'mean' }]],
      groupBy: [
        { type: 'time', params: ['1m'] },
        { type: 'tag', params: ['id'] },
        { type: 'fill', params: [fill] },
      ],
    });
    await assert.rejects(engine.query(planQuery(query('null'), wide), {}), { code: 'METRIC_QUERY_TOO_LARGE' });
    assert.equal((await engine.query(planQuery(query('none'), wide), {})).frames.length, 30);
    const { frames } = await engine.query(planQuery(query('null'), range), {});
    assert.deepEqual([frames.length, frames[0]?.times.length], [30, 61]);
  });

  it('gives up a query when it is told to', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    const plan = planQuery({ measurement: 'vm', select: [[{ type: 'field', params: ['cpu_ratio'] }]] }, range);
    await assert.rejects(engine.query(plan, { signal: aborted }), /enough/);
  });
}

export function sample(id: string, second: number, fields: Record<string, number>): Sample {
  return {
    measurement: 'vm',
    tags: { connection: 'lab', host: 'alpha', id, name: 'web' },
    at: start + second * 1_000,
    fields,
  };
}
