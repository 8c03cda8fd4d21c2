import assert from 'node:assert/strict';
import type { Cell, Frame } from '../../lib/dashboards/frame.ts';
import { readDashboard } from '../../lib/dashboards/reading.ts';
import { transform } from '../../lib/dashboards/transform.ts';

/** A table of an instant: each object with a figure. */
function table(refId: string, at: number, figures: Readonly<Record<string, number>>): Frame {
  const names = Object.keys(figures);
  return {
    refId,
    fields: [
      { name: 'Time', type: 'time', values: names.map(() => at) },
      { name: 'name', type: 'string', values: names },
      { name: refId, type: 'number', values: Object.values(figures) },
    ],
  };
}

const cpu = table('cpu', 1_000, { 'web-01': 0.5, 'web-02': 0.1 });
const memory = table('memory', 2_000, { 'web-02': 7, 'db-01': 9 });

function columnsOf(frames: readonly Frame[]): Record<string, readonly Cell[]> {
  assert.equal(frames.length, 1);
  return Object.fromEntries(frames[0]?.fields.map(({ name, values }) => [name, values]) ?? []);
}

describe('transformations of panels', () => {
  it('join tables by the field that is named, all rows or those that both have', () => {
    const by = (mode?: string) => [{ id: 'joinByField', options: { byField: 'name', ...(mode ? { mode } : {}) } }];
    const { name, cpu: ratio, memory: used } = columnsOf(transform([cpu, memory], by()));
    assert.deepEqual(
      [name, ratio, used],
      [
        ['db-01', 'web-01', 'web-02'],
        [null, 0.5, 0.1],
        [9, null, 7],
      ],
    );
    const inner = columnsOf(transform([cpu, memory], by('inner')));
    assert.deepEqual([inner.name, inner.cpu, inner.memory], [['web-02'], [0.1], [7]]);
  });

  it('join series by time where no field is named', () => {
    const series = (refId: string, times: number[]): Frame => ({
      refId,
      fields: [
        { name: 'Time', type: 'time', values: times },
        { name: refId, type: 'number', values: times },
      ],
    });
    const joined = columnsOf(transform([series('a', [1, 2]), series('b', [2, 3])], [{ id: 'joinByField' }]));
    assert.deepEqual(joined, { Time: [1, 2, 3], a: [1, 2, null], b: [null, 2, 3] });
  });

  it('leave everything as it is in a mode that is not known, and say so', () => {
    const steps = [
      { id: 'calculateField', options: { mode: 'windowFunctions' } },
      { id: 'reduce', options: { mode: 'reduceFields' } },
      { id: 'joinByField', options: { mode: 'outerTabular' } },
    ];
    assert.deepEqual(transform([cpu, memory], steps), [cpu, memory]);
    const panel = { id: 1, type: 'table', title: 'Odd', gridPos: { x: 0, y: 0, w: 12, h: 8 }, transformations: steps };
    const file = { uid: 'own', title: 'My own', schemaVersion: 39, panels: [panel] };
    assert.equal(readDashboard('own.json', JSON.stringify(file)).notDrawn.length, 3);
  });
});
