import assert from 'node:assert/strict';
import { panelsOf } from '../../lib/dashboards/model.ts';
import { readDashboard } from '../../lib/dashboards/reading.ts';

const read = (value: object, file = 'from-grafana.json') => readDashboard(file, JSON.stringify(value));
const query = { refId: 'A', measurement: 'vm', select: [[{ type: 'field', params: ['cpu_ratio'] }, { type: 'mean' }]] };

/** What Grafana 5 to 7 wrote for a picture, and for a single figure. */
const graph = {
  id: 2,
  type: 'graph',
  title: 'CPU',
  datasource: null,
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  targets: [query],
  lines: true,
  fill: 2,
  linewidth: 3,
  stack: true,
  percentage: false,
  nullPointMode: 'connected',
  legend: { show: true, alignAsTable: true, rightSide: true, avg: true, current: true },
  thresholds: [{ value: 0.9, op: 'gt', colorMode: 'critical' }],
  yaxes: [{ format: 'percentunit', min: '0', max: null, logBase: 1 }, { format: 'short' }],
};
const single = {
  id: 3,
  type: 'singlestat',
  title: 'Now',
  gridPos: { x: 12, y: 0, w: 6, h: 4 },
  targets: [query],
  format: 'percentunit',
  valueName: 'current',
  thresholds: '0.5,0.8',
  colors: ['#299c46', 'orange', '#d44a3a'],
  colorValue: true,
  sparkline: { show: true },
  gauge: { show: false },
};

describe('files of other Grafanas', () => {
  for (const schemaVersion of [16, 22, 26, 30, 36, 39, 41]) {
    it(`are drawn from schema ${schemaVersion} on, with graphs and single figures of before`, () => {
      const { dashboard, notDrawn } = read({ uid: 'old', title: 'Old', schemaVersion, panels: [graph, single] });
      const [cpu, now] = panelsOf(dashboard);
      assert.deepEqual(notDrawn, []);
      assert.deepEqual([cpu?.type, now?.type], ['timeseries', 'stat']);
      const { unit, min, max, custom, thresholds } = cpu?.fieldConfig?.defaults ?? {};
      assert.deepEqual([unit, min, max], ['percentunit', 0, undefined]);
      assert.deepEqual(thresholds?.steps.at(-1), { value: 0.9, color: 'red' });
      assert.deepEqual([custom?.lineWidth, custom?.fillOpacity, custom?.spanNulls], [3, 20, true]);
      assert.deepEqual(custom?.stacking, { mode: 'normal', group: 'A' });
      const legend = { showLegend: true, displayMode: 'table', placement: 'right', calcs: ['mean', 'lastNotNull'] };
      assert.deepEqual(cpu?.options?.legend, legend);
      assert.deepEqual(
        now?.fieldConfig?.defaults.thresholds?.steps.map(({ value }) => value),
        [null, 0.5, 0.8],
      );
      assert.deepEqual([now?.options?.colorMode, now?.options?.graphMode], ['value', 'area']);
    });
  }

  it('have their rows of before version 5 laid out', () => {
    const rows = [
      {
        height: '250px',
        panels: [
          { ...graph, id: 1, span: 4, gridPos: undefined },
          { ...graph, id: 2, span: 8 },
        ],
      },
      { title: 'Closed', collapse: true, height: 200, panels: [{ ...single, id: null, span: 12 }] },
    ];
    const { dashboard } = read({ id: 7, title: 'Very old', schemaVersion: 14, rows });
    assert.equal(dashboard.uid, 'from-grafana');
    assert.deepEqual(
      panelsOf(dashboard).map(({ id, gridPos }) => [id, gridPos?.x, gridPos?.w]),
      [
        [1, 0, 8],
        [2, 8, 16],
        [3, 0, 24],
      ],
    );
    assert.deepEqual(
      dashboard.panels.filter(({ type }) => type === 'row').map(({ title, collapsed }) => [title, collapsed]),
      [['Closed', true]],
    );
  });

  it('have what version 6 kept in fieldOptions', () => {
    const fieldOptions = { calcs: ['mean'], defaults: { unit: 'bytes', max: 9, mappings: [{ id: 0, op: '=' }] } };
    const panel = { id: 1, type: 'gauge', title: 'Memory', targets: [query], options: { fieldOptions } };
    const { dashboard } = read({ uid: 'six', title: 'Six', schemaVersion: 22, panels: [panel] });
    assert.deepEqual(dashboard.panels[0]?.fieldConfig?.defaults, { unit: 'bytes', max: 9 });
    assert.deepEqual(dashboard.panels[0]?.options?.reduceOptions, { calcs: ['mean'], values: false, fields: '' });
  });

  it('are taken out of what the API and newer resources wrap around them', () => {
    const classic = { title: 'Inside', schemaVersion: 41, panels: [graph] };
    assert.equal(read({ dashboard: { uid: 'api', ...classic }, meta: {} }).dashboard.uid, 'api');
    const resource = { apiVersion: 'dashboard.grafana.app/v1beta1', kind: 'Dashboard', metadata: { name: 'res' } };
    assert.equal(read({ ...resource, spec: classic }).dashboard.uid, 'res');
    assert.throws(() => read({ ...resource, spec: { elements: {}, layout: {} } }), /schema v2/);
  });

  it('are drawn as far as can be, and tell what not: parts of a library, other panels, other queries', () => {
    const shared = { __inputs: [{ name: 'DS_VIRTFLOW' }], __requires: [], uid: 'mixed', title: 'Mixed', id: null };
    const panels = [
      { ...graph, datasource: { type: 'influxdb', uid: '${DS_VIRTFLOW}' } },
      { id: 5, gridPos: { x: 0, y: 8, w: 6, h: 4 }, libraryPanel: { uid: 'lib', name: 'Of the library' } },
      { id: 6, type: 'piechart', title: 'Shares', targets: [query] },
      { id: 7, type: 'timeseries', title: 'In text', targets: [{ refId: 'A', rawQuery: true, query: 'SELECT 1' }] },
      { id: 8, type: 'table', title: 'Old table', styles: [{ pattern: 'Time' }], transform: 'table', targets: [query] },
    ];
    const { dashboard, notDrawn } = read({ ...shared, schemaVersion: 36, panels });
    assert.equal(panelsOf(dashboard).length, panels.length);
    assert.deepEqual(notDrawn, [
      'panel "Of the library": its type library-panel',
      'panel "Shares": its type piechart',
      'panel "In text": a query in text (rawQuery)',
    ]);
  });
});
