import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dashboards } from '../../lib/dashboards/dashboards.ts';
import { readDashboard } from '../../lib/dashboards/reading.ts';
import { VirtflowError } from '../../lib/model/errors.ts';

const small = { uid: 'own', title: 'My own', schemaVersion: 39, panels: [] };
const panel = { id: 1, type: 'timeseries', title: 'CPU', gridPos: { x: 0, y: 0, w: 12, h: 8 } };

function reasonOf(value: unknown): string {
  try {
    readDashboard('a.json', typeof value === 'string' ? value : JSON.stringify(value));
  } catch (thrown) {
    assert.ok(thrown instanceof VirtflowError);
    assert.equal(thrown.code, 'DASHBOARD_INVALID');
    return String(thrown.details.reason);
  }
  return '';
}

describe('dashboard files', () => {
  it('are read as Grafana writes them, and keep what is not known', () => {
    const file = { ...small, weekStart: 'monday', panels: [{ ...panel, pluginVersion: '11.2.0' }] };
    const { dashboard, notDrawn } = readDashboard('a.json', JSON.stringify(file));
    assert.deepEqual(dashboard, file);
    assert.deepEqual(notDrawn, []);
  });

  it('name what Grafana draws and we do not', () => {
    const file = {
      ...small,
      panels: [
        { ...panel, type: 'geomap', title: 'Map' },
        { ...panel, id: 2, transformations: [{ id: 'spatial', options: {} }] },
        { ...panel, id: 3, targets: [{ refId: 'A', rawQuery: true, query: 'SELECT 1' }] },
        {
          ...panel,
          id: 4,
          type: 'stat',
          options: {
            reduceOptions: { calcs: ['changeCount'] },
            legend: { calcs: ['max', 'changeCount', 'constructor'] },
          },
        },
      ],
      timezone: 'utc',
      templating: { list: [{ name: 'also', type: 'adhoc' }] },
      annotations: { list: [{ name: 'Builds', enable: true, iconColor: 'red', query: 'DROP DATABASE x' }] },
    };
    const { notDrawn } = readDashboard('a.json', JSON.stringify(file));
    assert.equal(notDrawn.length, 8);
    assert.match(notDrawn.join('\n'), /"Map": its type geomap/);
    assert.match(notDrawn.join('\n'), /rawQuery/);
    assert.match(notDrawn.join('\n'), /the calculation changeCount\n.*the calculation constructor/);
    assert.match(notDrawn.join('\n'), /^the time zone utc/);
  });

  it('say where they are wrong', () => {
    assert.match(reasonOf('{ "uid": '), /it is not JSON/);
    assert.match(
      reasonOf({ ...small, panels: [{ ...panel, gridPos: { x: 0, y: 0, w: 25, h: 8 } }] }),
      /panels\.0\.gridPos\.w/,
    );
    assert.match(reasonOf({ dashboard: { ...small, uid: '?' }, meta: {} }), /uid/);
    assert.match(reasonOf({ elements: {}, layout: {} }), /schema v2/);
    assert.match(reasonOf({ ...small, panels: [panel, panel] }), /two panels have the id 1/);
    assert.notEqual(reasonOf([]), '');
    assert.notEqual(reasonOf('null'), '');
  });

  it('never come through torn or twisted without a word', () => {
    const text = JSON.stringify({ ...small, panels: [panel], templating: { list: [{ name: 'a', type: 'custom' }] } });
    for (let end = 0; end < text.length; end += 7) assert.notEqual(reasonOf(text.slice(0, end)), '');
    for (const odd of [null, 1, 'x', [], [[]], { list: 1 }]) {
      assert.notEqual(reasonOf({ ...small, panels: odd === null ? null : { odd } }), '');
      assert.notEqual(reasonOf({ ...small, panels: [], templating: { list: [odd] } }), '');
    }
  });
});

describe('the directories of dashboards', () => {
  let place: string;
  let dashboards: Dashboards;
  const write = (directory: string, name: string, value: unknown) => {
    writeFileSync(join(place, directory, name), typeof value === 'string' ? value : JSON.stringify(value));
  };

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'virtflow-dashboards-'));
    mkdirSync(join(place, 'shipped'));
    write('shipped', 'fleet.json', { ...small, uid: 'fleet', title: 'Fleet' });
    dashboards = new Dashboards(join(place, 'shipped'), join(place, 'own'));
  });
  afterEach(() => rmSync(place, { recursive: true }));

  it('show a file that is dropped in, changed or taken away at the next look', () => {
    assert.equal(dashboards.list().length, 1);
    mkdirSync(join(place, 'own'));
    write('own', 'mine.json', small);
    assert.deepEqual(titles(), ['My own', 'Fleet']);
    write('own', 'mine.json', { ...small, title: 'Another name' });
    assert.deepEqual(titles(), ['Another name', 'Fleet']);
    rmSync(join(place, 'own', 'mine.json'));
    assert.deepEqual(titles(), ['Fleet']);
    assert.throws(() => dashboards.get('own'), { code: 'DASHBOARD_UNKNOWN' });
  });

  it('show what was copied over a file with the time of another, as large as it was', () => {
    const path = join(place, 'shipped', 'fleet.json');
    const before = new Date('2026-01-01T00:00:00Z');
    utimesSync(path, before, before);
    assert.deepEqual(titles(), ['Fleet']);
    write('shipped', 'fleet.json', { ...small, uid: 'fleet', title: 'Hosts' });
    utimesSync(path, before, before);
    assert.deepEqual(titles(), ['Hosts']);
  });

  it("let one's own take the place of one that was shipped", () => {
    mkdirSync(join(place, 'own'));
    write('own', 'fleet.json', { ...small, uid: 'fleet', title: 'Our fleet' });
    assert.deepEqual(titles(), ['Our fleet']);
    assert.equal(dashboards.get('fleet').dashboard.title, 'Our fleet');
  });

  it('list what cannot be used with the reason, and go on with the rest', () => {
    mkdirSync(join(place, 'own'));
    write('own', 'broken.json', '{');
    write('own', 'a.json', small);
    write('own', 'b.json', small);
    mkdirSync(join(place, 'own', 'folder.json'));
    const wrong = dashboards.list().flatMap((one) => ('error' in one ? [[one.file, one.error.code]] : []));
    assert.deepEqual(
      wrong.sort(),
      ['b.json', 'broken.json', 'folder.json'].map((file) => [file, 'DASHBOARD_INVALID']),
    );
    assert.equal(dashboards.get('fleet').dashboard.title, 'Fleet');
  });

  function titles(): string[] {
    return dashboards.list().flatMap((one) => ('error' in one ? [] : [one.dashboard.title]));
  }
});
