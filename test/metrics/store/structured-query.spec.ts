import assert from 'node:assert/strict';
import { aliasOf } from '../../../lib/metrics/store/alias.ts';
import { planQuery } from '../../../lib/metrics/store/structured-query.ts';

const range = { from: 0, to: 3_600_000, intervalMs: 15_000 };

/** As Grafana 10 stores it. */
const stored = {
  alias: '$tag_name: $col',
  datasource: { type: 'influxdb', uid: 'any' },
  groupBy: [
    { params: ['$__interval'], type: 'time' },
    { params: ['name::tag'], type: 'tag' },
    { params: ['none'], type: 'fill' },
  ],
  limit: '10',
  measurement: 'vm',
  orderByTime: 'DESC',
  policy: 'default',
  refId: 'A',
  resultFormat: 'time_series',
  select: [
    [
      { params: ['cpu_ratio'], type: 'field' },
      { params: [], type: 'mean' },
      { params: ['10s'], type: 'non_negative_derivative' },
      { params: [' * 100'], type: 'math' },
      { params: ['load'], type: 'alias' },
    ],
  ],
  tags: [
    { key: 'host::tag', operator: '=~', value: '/^$host$/' },
    { condition: 'AND', key: 'name', operator: '!=', value: '$name' },
  ],
};

describe('a structured query', () => {
  it('is read as Grafana stores it', () => {
    const plan = planQuery(stored, { ...range, variables: { host: ['a.b', 'c'], name: 'web' } });
    assert.deepEqual(plan, {
      measurement: 'vm',
      policy: undefined,
      columns: [
        {
          name: 'load',
          field: 'cpu_ratio',
          aggregate: { name: 'mean' },
          transform: { name: 'non_negative_derivative', unitMs: 10_000 },
          math: [{ operator: '*', number: 100 }],
        },
      ],
      conditions: [
        { key: 'host', operator: '=~', value: '^(a\\.b|c)$', join: 'AND' },
        { key: 'name', operator: '!=', value: 'web', join: 'AND' },
      ],
      groupTags: ['name'],
      intervalMs: 15_000,
      fill: { type: 'none' },
      order: 'DESC',
      limit: 10,
      seriesLimit: undefined,
      alias: '$tag_name: $col',
      from: 0,
      to: 3_600_000,
    });
  });

  it('takes variables in all ways of writing them, and "all" as it is', () => {
    const value = (text: string, host: string | string[] | { regex: string }) => {
      const tags = [{ key: 'host', operator: '=~', value: text }];
      return planQuery({ ...stored, tags }, { ...range, variables: { host } }).conditions[0]?.value;
    };
    assert.equal(value(`/^\${host}$/`, 'a.b'), '^a\\.b$');
    assert.equal(value('/^[[host]]$/', ['a']), '^a$');
    assert.equal(value(`/^\${host:regex}$/`, ['a', 'b/c']), '^(a|b\\/c)$');
    assert.equal(value('/^$host$/', { regex: '.*' }), '^.*$');
    assert.equal(value('/^$other$/', 'x'), '^$other$');
  });

  const wrong: [string, object][] = [
    ['without a measurement', { measurement: '' }],
    ['without columns', { select: [] }],
    ['in text', { rawQuery: true }],
    [
      'with a function that is unknown',
      {
        select: [
          [
            { type: 'field', params: ['a'] },
            { type: 'eval', params: ['1'] },
          ],
        ],
      },
    ],
    ['with a field that comes late', { select: [[{ type: 'mean' }, { type: 'field', params: ['a'] }]] }],
    [
      'with a reckoning that is none',
      { select: [[{ type: 'field', params: ['a'] }, { type: 'mean' }, { type: 'math', params: ['/ 0'] }]] },
    ],
    [
      'with code for a reckoning',
      { select: [[{ type: 'field', params: ['a'] }, { type: 'mean' }, { type: 'math', params: ['* 2) FROM x'] }]] },
    ],
    ['with points in buckets', { select: [[{ type: 'field', params: ['a'] }]] }],
    [
      'with functions for some columns',
      { select: [[{ type: 'field', params: ['a'] }], [{ type: 'field', params: ['a'] }, { type: 'mean' }]] },
    ],
    ['with an interval that is none', { groupBy: [{ type: 'time', params: ['1 fortnight'] }] }],
    ['with too many buckets', { groupBy: [{ type: 'time', params: ['1ms'] }] }],
    ['with a filling that is none', { groupBy: [{ type: 'fill', params: ['cheese'] }] }],
    ['with an operator that is none', { tags: [{ key: 'a', operator: '; DROP', value: 'b' }] }],
    ['with an order that is none', { orderByTime: 'UP' }],
    [
      'with a percentile beyond 100',
      {
        select: [
          [
            { type: 'field', params: ['a'] },
            { type: 'percentile', params: [101] },
          ],
        ],
      },
    ],
    ['of another kind', { select: 'mean' }],
  ];
  for (const [what, change] of wrong) {
    it(`is refused ${what}`, () => {
      assert.throws(() => planQuery({ ...stored, ...change }, range), { code: 'METRIC_QUERY_INVALID' });
    });
  }

  it('is refused for a range that is none', () => {
    for (const change of [{ from: 5, to: 4 }, { from: Number.NaN }, { intervalMs: 0 }, { from: -1 }]) {
      assert.throws(() => planQuery(stored, { ...range, ...change }), { code: 'METRIC_QUERY_INVALID' });
    }
  });

  it('names series as Grafana does', () => {
    const context = { measurement: 'vm.x', column: 'mean', tags: { host: 'a', disk: 'vda' } };
    assert.equal(aliasOf('$tag_host [[tag_disk]] $m $col $0 $other', context), 'a vda vm.x mean vm $other');
    assert.equal(aliasOf('', context), 'vm.x.mean {host: a, disk: vda}');
    assert.equal(aliasOf('', { ...context, tags: {} }), 'vm.x.mean');
  });
});
