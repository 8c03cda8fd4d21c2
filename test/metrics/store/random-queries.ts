import type { QueryRange, StructuredQuery } from '../../../lib/metrics/store/structured-query.ts';
import type { Sample } from '../../../lib/model/reading.ts';

type Random = () => number;

export const start = Date.parse('2026-03-01T00:00:00Z');
const hosts = ['alpha', 'beta', "gam'ma"];
const names = ['web', 'db 1', 'x/y', 'quo"te', 'back\\slash end'];

/** How far data and queries reach, and how finely. */
export interface Scale {
  readonly stepMs: number;
  /** Points may be at so many moments. */
  readonly slots: number;
  readonly intervals: readonly string[];
  readonly intervalsMs: readonly number[];
}

export const twoHours: Scale = {
  stepMs: 10_000,
  slots: 720,
  intervals: ['10s', '30s', '1m', '7m', '1h', '$__interval'],
  intervalsMs: [20_000, 60_000, 3_600_000],
};

export const threeDays: Scale = {
  stepMs: 9_000,
  slots: 28_800,
  intervals: ['5m', '7m', '15m', '1h', '90m', '6h', '1d', '$__interval'],
  intervalsMs: [300_000, 3_600_000, 7_200_000],
};

/** VMs with gaps, values that come twice, an object without a host; in no order. */
export function randomSamples(random: Random, count: number, { slots, stepMs } = twoHours): Sample[] {
  const samples: Sample[] = [];
  for (let n = 0; n < count; n++) {
    const vm = Math.floor(random() * names.length);
    const at = start + Math.floor(random() * slots) * stepMs + vm;
    const host = hosts[vm % (hosts.length + 1)];
    const tags = { connection: 'lab', ...(host && { host }), id: `u-${vm}`, name: names[vm] ?? '' };
    samples.push({ measurement: 'vm', tags, at, fields: fieldsOf(random) });
  }
  return samples;
}

function fieldsOf(random: Random): Record<string, number> {
  const fields: Record<string, number> = {};
  if (random() < 0.8) fields.cpu_ratio = Math.round(random() * 20) / 20;
  if (random() < 0.5) fields.memory_used_bytes = Math.floor(random() * 2 ** 33);
  if (Object.keys(fields).length === 0) fields['odd "field"'] = random() * 10 - 5;
  return fields;
}

const fields = ['cpu_ratio', 'memory_used_bytes', 'odd "field"'];
const aggregates = ['mean', 'min', 'max', 'sum', 'count', 'first', 'last', 'median', 'spread', 'percentile'];
/** InfluxDB 1.6 ends a series at the first bucket whose few points have none of so low a rank. */
const lowestRank = 50;
const transforms = ['derivative', 'non_negative_derivative', 'difference', 'cumulative_sum', 'moving_average'];
const fills = ['null', 'none', 'previous', 'linear', '0', '-2'];
const reckonings = [' * 100', '/ 1024', '+ -3.5', ' - 2', '*-1'];
const conditions = [
  { key: 'host', operator: '=', value: 'alpha' },
  { key: 'host', operator: '!=', value: 'alpha' },
  { key: 'host', operator: '=', value: '' },
  { key: 'host', operator: '=', value: "gam'ma" },
  { key: 'name', operator: '=~', value: '/^(web|db 1)$/' },
  { key: 'name', operator: '!~', value: '/e/' },
  { key: 'name', operator: '=~', value: '/x\\/y/' },
  { key: 'name', operator: '=~', value: '/^$names$/' },
  { key: 'name', operator: '=', value: 'quo"te' },
  { key: 'host', operator: '=~', value: '/.*/' },
  { key: 'nothing', operator: '=', value: '' },
  { key: 'nothing', operator: '!=', value: 'x' },
];

export function randomRange(random: Random, { slots, stepMs, intervalsMs } = twoHours): QueryRange {
  const lengthMs = slots * stepMs;
  const from = start + Math.floor(random() * 0.7 * lengthMs);
  return {
    from,
    to: from + 60_000 + Math.floor(random() * 0.5 * lengthMs),
    intervalMs: one(random, intervalsMs),
    variables: { names: ['web', 'x/y'] },
  };
}

/** What the builder could have stored; `points`: fields without a function, of one series each. */
export function randomQuery(random: Random, { intervals } = twoHours): StructuredQuery {
  const byTime = random() < 0.85;
  const points = !byTime && random() < 0.5;
  const columns = 1 + Math.floor(random() * 2);
  const groupBy: StructuredQuery['groupBy'] = byTime ? [{ type: 'time', params: [one(random, intervals)] }] : [];
  if (points || random() < 0.6) groupBy.push({ type: 'tag', params: ['name'] });
  if (random() < 0.2) groupBy.push({ type: 'tag', params: [one(random, ['host', 'nothing'])] });
  const pointTransforms = random() < 0.5 ? 1 : 0;
  const select = Array.from({ length: columns }, () =>
    columnOf(random, points, points ? pointTransforms : byTime ? 0.4 : 0),
  );
  if (byTime && random() < 0.9) groupBy.push({ type: 'fill', params: [one(random, fills)] });
  return {
    measurement: one(random, ['vm', 'vm', 'vm', 'vm', 'vm', 'not there']),
    select:
      random() < 0.05
        ? [
            [
              { type: 'field', params: ['not_there'] },
              { type: 'mean', params: [] },
            ],
          ]
        : select,
    groupBy,
    tags: Array.from({ length: Math.floor(random() * 4) }, () => ({
      ...one(random, conditions),
      condition: one(random, ['AND', 'OR']),
    })),
    orderByTime: one(random, ['ASC', 'DESC']),
    limit: one(random, ['', '5']),
    slimit: one(random, ['', '', '2']),
  };
}

function columnOf(random: Random, points: boolean, transformed: number): StructuredQuery['select'][number] {
  const parts: StructuredQuery['select'][number] = [{ type: 'field', params: [one(random, fields)] }];
  const aggregate = one(random, aggregates);
  if (!points)
    parts.push(
      aggregate === 'percentile'
        ? { type: aggregate, params: [lowestRank + Math.floor(random() * 51)] }
        : { type: aggregate, params: [] },
    );
  if (random() < transformed) parts.push(transformOf(random));
  if (random() < 0.3) parts.push({ type: 'math', params: [one(random, reckonings)] });
  return parts;
}

function transformOf(random: Random): StructuredQuery['select'][number][number] {
  const type = one(random, transforms);
  if (type === 'moving_average') return { type, params: [2 + Math.floor(random() * 4)] };
  return type.endsWith('derivative') ? { type, params: [one(random, ['1s', '1m'])] } : { type, params: [] };
}

function one<T>(random: Random, list: readonly T[]): T {
  const chosen = list[Math.floor(random() * list.length)];
  if (chosen === undefined) throw new Error('the list is empty');
  return chosen;
}

/** InfluxDB has a point without a value for the deviation of one value, and fills and transforms around that. */
export function deviationQuery(random: Random, { intervals } = twoHours): StructuredQuery {
  return {
    measurement: 'vm',
    select: [
      [
        { type: 'field', params: [one(random, fields)] },
        { type: 'stddev', params: [] },
      ],
    ],
    groupBy: [
      { type: 'time', params: [one(random, intervals)] },
      { type: 'tag', params: ['name'] },
      { type: 'fill', params: ['none'] },
    ],
  };
}
