import assert from 'node:assert/strict';
import { RunJournal, type RunJournalSettings } from '../../lib/runs/run-journal.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { silent } from '../platform-on-simulator.ts';

describe('the journal of runs', () => {
  let store: ReturnType<typeof openSqliteStore>;
  let runs: RunJournal;

  const begin = (settings: Partial<RunJournalSettings> = {}) => {
    runs = new RunJournal(store.runs, store.states, silent, settings);
    runs.start();
  };
  const step = (run: string, node: string, more: object = {}) =>
    runs.record({
      ...{ run, node, kind: 'received', flow: 'tab', from: null, port: null, delivery: null, message: { node } },
      ...more,
    });
  const ids = () => runs.list(undefined).map(({ id }) => id);

  beforeEach(() => {
    store = openSqliteStore(':memory:');
    begin();
  });
  afterEach(() => {
    runs.stop();
    store.close();
  });

  it('tells the steps of a run in order, and what it is as a whole', () => {
    step('a', 'go');
    step('b', 'other', { flow: 'elsewhere' });
    step('a', 'start', { from: 'go', port: 0 });
    step('a', 'start', { kind: 'failed', message: { error: 'no' } });
    assert.deepEqual(
      runs.steps('a').map(({ node, kind }) => [node, kind]),
      [
        ['go', 'received'],
        ['start', 'received'],
        ['start', 'failed'],
      ],
    );
    const { id, node, flow, steps, failures } = runs.get('a') ?? {};
    assert.deepEqual([id, node, flow, steps, failures], ['a', 'go', 'tab', 3, 1]);
    assert.deepEqual(
      runs.list('tab').map((run) => run.id),
      ['a'],
    );
  });

  it('goes on counting what was written before', () => {
    step('a', 'go');
    assert.equal(runs.get('a')?.steps, 1);
    step('a', 'on');
    assert.equal(runs.get('a')?.steps, 2);
  });

  it('records no more of a run than it may', () => {
    begin({ mostSteps: 2 });
    for (const node of ['a', 'b', 'c']) step('a', node);
    assert.equal(runs.steps('a').length, 2);
  });

  it('leaves whole runs out when too many come at once, and ends those that it has begun', () => {
    for (let i = 0; i < 150; i += 1) step(`run-${i}`, 'go');
    for (let i = 0; i < 150; i += 1) step(`run-${i}`, 'on');
    assert.equal(ids().length, 100);
    assert.ok(runs.list(undefined).every(({ steps }) => steps === 2));
    step('later', 'go');
    assert.ok(ids().includes('later'));
  });

  it('forgets the oldest when there are too many, or they are too large', () => {
    for (const run of ['a', 'b', 'c']) {
      step(run, 'go');
      assert.equal(runs.get(run)?.steps, 1);
    }
    begin({ mostRuns: 2 });
    assert.equal(ids().length, 2);
    begin({ mostBytes: 0 });
    assert.deepEqual([ids(), runs.steps('c')], [[], []]);
  });

  it('records nothing while it is switched off, also after a restart', () => {
    runs.turn(false);
    begin();
    step('a', 'go');
    assert.deepEqual([runs.isOn, ids()], [false, []]);
  });
});
