import assert from 'node:assert/strict';
import { readEventQuery } from '../../lib/dashboards/event-query.ts';
import type { Dashboard, Panel } from '../../lib/dashboards/model.ts';
import { PanelReader } from '../../lib/dashboards/panel-data.ts';
import { readTagValues } from '../../lib/dashboards/tag-values.ts';
import { intervalFor, readRange } from '../../lib/dashboards/time.ts';
import { resolveVariables, valuesOf } from '../../lib/dashboards/variables.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { aHouseOfSeries, RecordedFigures } from './recorded.ts';

const cpu = {
  refId: 'A',
  measurement: 'vm',
  select: [
    [
      { type: 'field', params: ['cpu_ratio'] },
      { type: 'mean', params: [] },
    ],
  ],
  groupBy: [
    { type: 'time', params: ['$__interval'] },
    { type: 'tag', params: ['name'] },
  ],
};
const panel: Panel = { id: 1, type: 'timeseries', title: 'CPU', targets: [cpu] };
const hosts = {
  name: 'host',
  type: 'query',
  multi: true,
  includeAll: true,
  query: 'SHOW TAG VALUES FROM "vm" WITH KEY = "host"',
};
const vms = {
  name: 'vm',
  type: 'query',
  query: { query: 'SHOW TAG VALUES FROM "vm" WITH KEY = "name" WHERE "host" =~ /^$host$/', refId: 'x' },
};

function board(panels: Panel[], list: NonNullable<Dashboard['templating']>['list'] = []): Dashboard {
  return { uid: 'a', title: 'A', schemaVersion: 39, panels, templating: { list } };
}

const range = { from: 1_700_000_000_000, to: 1_700_003_600_000 };

describe('figures for panels', () => {
  const figures = () => new RecordedFigures(aHouseOfSeries());

  it('come in a frame for each series, with the interval that there is room for', async () => {
    const source = figures();
    const [data] = await new PanelReader(board([panel]), range, {}, source, {}).panels([{ id: 1, points: 360 }]);
    assert.equal(data?.frames.length, 6);
    assert.equal(data?.intervalMs, 10_000);
    assert.deepEqual(source.asked[0]?.range, { ...range, intervalMs: 10_000, variables: {} });
  });

  it('are asked for once where panels ask the same', async () => {
    const source = figures();
    const reader = new PanelReader(board([panel, { ...panel, id: 2, type: 'stat' }]), range, {}, source, {});
    const found = await reader.panels([
      { id: 1, points: 360 },
      { id: 2, points: 360 },
      { id: 99, points: 1 },
    ]);
    assert.deepEqual([found.length, source.asked.length], [2, 1]);
  });

  it('fail with their panel alone', async () => {
    const source = figures();
    const query = source.query.bind(source);
    source.query = async (asked, ...rest) => {
      if (JSON.stringify(asked).includes('broken')) throw new Error('away');
      return query(asked, ...rest);
    };
    const broken = { ...panel, id: 2, targets: [{ ...cpu, measurement: 'broken' }] };
    const found = await new PanelReader(board([panel, broken]), range, {}, source, {}).panels([
      { id: 1, points: 100 },
      { id: 2, points: 100 },
    ]);
    assert.deepEqual(
      found.map(({ error }) => error?.code ?? null),
      [null, 'INTERNAL'],
    );
  });

  it('come also where an annotation fails, with what is wrong with it and the others', async () => {
    const source = figures();
    const query = source.query.bind(source);
    source.query = async (asked, ...rest) => {
      if (JSON.stringify(asked).includes('broken')) throw new VirtflowError('METRIC_QUERY_TOO_LARGE', { rows: 1 });
      return query(asked, ...rest);
    };
    const list = ['broken', 'vm'].map((measurement) => {
      return { name: measurement, query: `SELECT "count", "name" FROM "${measurement}" WHERE $timeFilter` };
    });
    const reader = new PanelReader({ ...board([panel]), annotations: { list } }, range, {}, source, {});
    const { marks, error } = await reader.marks();
    assert.deepEqual([marks.length, error?.code], [6, 'METRIC_QUERY_TOO_LARGE']);
  });

  it('become a table with a column for each tag, sorted, cut and named anew', async () => {
    const table: Panel = {
      ...panel,
      type: 'table',
      targets: [{ ...cpu, resultFormat: 'table', groupBy: [{ type: 'tag', params: ['name'] }] } as typeof cpu],
      transformations: [
        { id: 'sortBy', options: { sort: [{ field: 'mean', desc: true }] } },
        { id: 'limit', options: { limitField: 2 } },
        { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { mean: 'CPU' } } },
      ],
      fieldConfig: {
        defaults: { unit: 'short' },
        overrides: [
          {
            matcher: { id: 'byName', options: 'CPU' },
            properties: [
              { id: 'unit', value: 'percentunit' },
              { id: 'custom.width', value: 90 },
            ],
          },
        ],
      },
    };
    const [data] = await new PanelReader(board([table]), range, {}, figures(), {}).panels([{ id: 1, points: 100 }]);
    const [frame] = data?.frames ?? [];
    assert.deepEqual(
      frame?.fields.map(({ name, config }) => [name, config.unit]),
      [
        ['name', 'short'],
        ['CPU', 'percentunit'],
      ],
    );
    const [a, b] = frame?.fields[1]?.values ?? [];
    assert.ok(frame?.fields[1]?.values.length === 2 && Number(a) >= Number(b));
  });

  it('are added up over series', async () => {
    const sum: Panel = {
      ...panel,
      transformations: [
        {
          id: 'calculateField',
          options: { mode: 'reduceRow', reduce: { reducer: 'sum' }, alias: 'All', replaceFields: true },
        },
      ],
    };
    const reader = new PanelReader(board([sum, { ...panel, id: 2 }]), range, {}, figures(), {});
    const [total, parts] = await reader.panels([
      { id: 1, points: 100 },
      { id: 2, points: 100 },
    ]);
    const row = parts?.frames.reduce((made, { fields }) => made + Number(fields[1]?.values[3]), 0) ?? Number.NaN;
    assert.ok(Math.abs(Number(total?.frames[0]?.fields[1]?.values[3]) - row) < 1e-9);
  });
});

describe('variables of dashboards', () => {
  const source = new RecordedFigures(aHouseOfSeries());

  it('take their values from the store, each from those before it', async () => {
    const dashboard = board([], [hosts, vms]);
    const found = await resolveVariables(dashboard, { host: ['host-2'] }, source, {});
    assert.deepEqual(
      found.map(({ options }) => options.map(({ value }) => value)),
      [
        ['host-1', 'host-2'],
        ['web-2-1', 'web-2-2', 'web-2-3'],
      ],
    );
    assert.deepEqual(valuesOf(dashboard, found), { host: ['host-2'], vm: 'web-2-1' });
  });

  it('are all where nothing is chosen, and forget what is gone', async () => {
    const dashboard = board([], [hosts]);
    const [nothing] = await resolveVariables(dashboard, {}, source, {});
    assert.deepEqual(nothing?.value, ['$__all']);
    const [gone] = await resolveVariables(dashboard, { host: ['host-9', 'host-1'] }, source, {});
    assert.deepEqual(gone?.value, ['host-1']);
    assert.deepEqual(valuesOf(board([], [{ ...hosts, allValue: '.*' }]), nothing ? [nothing] : []), {
      host: { regex: '.*' },
    });
  });

  it('leave nothing out where all of them is none, for who may see a VM may not see its host', async () => {
    const byName = { ...hosts, query: 'SHOW TAG VALUES FROM "host" WITH KEY = "name"' };
    const dashboard = board([], [byName, vms]);
    const sees = (tags: Readonly<Record<string, string>>) => tags.name === 'web-1-2';
    const found = await resolveVariables(dashboard, {}, source, { sees });
    assert.deepEqual(valuesOf(dashboard, found), { host: { regex: '.*' }, vm: 'web-1-2' });
  });

  it('show nobody a name that they may not see', async () => {
    const sees = (tags: Readonly<Record<string, string>>) => tags.host === 'host-1';
    const [only] = await resolveVariables(board([], [hosts]), {}, source, { sees });
    assert.deepEqual(only?.options, [{ value: 'host-1', text: 'host-1' }]);
  });

  it('may be lists, and intervals', async () => {
    const list = [
      { name: 'top', type: 'custom', query: '5, Ten : 10, a\\,b' },
      { name: 'step', type: 'interval', query: '1m,10m', current: { value: '10m' } },
    ];
    const found = await resolveVariables(board([], list), { top: ['a,b'] }, source, {});
    assert.deepEqual(
      found.map(({ value }) => value),
      [['a,b'], ['10m']],
    );
  });
});

describe('what queries in text are known', () => {
  it('SHOW TAG VALUES with conditions', () => {
    assert.deepEqual(
      readTagValues('show tag values from vm with key = "name" where "host" = \'a\' and connection =~ /^x\\/y$/'),
      {
        measurement: 'vm',
        tag: 'name',
        conditions: [
          { key: 'host', operator: '=', value: 'a' },
          { key: 'connection', operator: '=~', value: '/^x\\/y$/', condition: 'AND' },
        ],
      },
    );
    for (const odd of [
      'SHOW DATABASES',
      'SHOW TAG VALUES FROM vm WITH KEY = name WHERE host = 1',
      '',
      null,
      { query: 3 },
    ]) {
      assert.equal(readTagValues(odd), undefined);
    }
  });

  it('SELECT of fields and tags in the range', () => {
    assert.deepEqual(readEventQuery('SELECT "count", "action" FROM "operation" WHERE $timeFilter'), {
      fields: ['count', 'action'],
      measurement: 'operation',
      conditions: [],
    });
    assert.equal(readEventQuery('SELECT mean(x) FROM y WHERE $timeFilter'), undefined);
  });
});

describe('ranges', () => {
  it('are read as Grafana writes them', () => {
    const now = 1_700_000_000_000;
    assert.deepEqual(readRange('now-6h', 'now', now), { from: now - 21_600_000, to: now });
    assert.deepEqual(readRange('1000', '1970-01-01T00:00:02Z', now), { from: 1_000, to: 2_000 });
    for (const odd of ['now-', 'yesterday', '', 'now-6x', 'now+1h']) {
      assert.throws(() => readRange(odd, 'now', now), { code: 'PARAMETER_INVALID' });
    }
    assert.throws(() => readRange('now', 'now-1h', now), { code: 'PARAMETER_INVALID' });
  });

  it('are cut into round steps', () => {
    assert.equal(intervalFor({ from: 0, to: 2_592_000_000 }, 700), 7_200_000);
    assert.equal(intervalFor({ from: 0, to: 3_600_000 }, 1_000), 5_000);
    assert.equal(intervalFor({ from: 0, to: 1_000 }, 1_000, 10_000), 10_000);
  });
});
