import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { storeFileOf } from '../../lib/platform.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { printHistory } from '../../server/history.ts';
import { anOperation } from '../store/an-operation.ts';
import { newPlace } from './virtflow-process.ts';

describe('virtflow history', () => {
  afterEach(() => mock.restoreAll());

  it('shows what was only planned, and that a plan that failed was one', () => {
    const place = newPlace();
    const store = openSqliteStore(storeFileOf(place.directory));
    const error = { code: 'STATE_FORBIDS', message: 'It is so.', advice: '' } as const;
    store.journal.insert(anOperation({ mode: 'plan', state: 'planned', endedAt: 2_000 }), undefined);
    store.journal.insert(anOperation({ mode: 'plan', state: 'failed', queuedAt: 500, endedAt: 600, error }), undefined);
    store.journal.insert(anOperation({ state: 'succeeded', queuedAt: 100, endedAt: 200 }), undefined);
    store.close();
    const lines: string[] = [];
    mock.method(console, 'log', (line: string) => lines.push(line));
    printHistory(place.directory, false);
    mock.restoreAll();
    place.remove();
    assert.deepEqual(
      lines.map((line) => line.slice(21).replace(/ +/g, ' ')),
      [
        'planned vm.start lab/web by test, a plan',
        'failed vm.start lab/web by test, a plan STATE_FORBIDS: It is so.',
        'succeeded vm.start lab/web by test',
      ],
    );
  });
});
