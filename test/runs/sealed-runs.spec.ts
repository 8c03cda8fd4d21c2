import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { sealedRuns } from '../../lib/runs/sealed-runs.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { aSafe, KeyInHand } from '../secrets/fixtures.ts';

const words = 'what the message says';

describe('messages in the journal of runs', () => {
  let store: ReturnType<typeof openSqliteStore>;
  let source: KeyInHand;

  const table = () => sealedRuns(store.runs, aSafe(store, source));
  const about = { run: 'r', at: 1, kind: 'received', node: 'go', flow: null, from: null, port: null } as const;

  beforeEach(() => {
    store = openSqliteStore(':memory:');
    source = new KeyInHand();
    table().append([{ ...about, delivery: null, message: { payload: words }, altered: [] }]);
  });
  afterEach(() => store.close());

  it('cannot be read in the store', () => {
    assert.doesNotMatch(JSON.stringify(store.runs.steps('r', 10)), new RegExp(words));
  });

  it('are read over restarts and with a new master key', () => {
    assert.deepEqual(table().steps('r', 10)[0]?.message, { payload: words });
    const key = randomBytes(32);
    aSafe(store, source).rotate((change) => change(), key);
    source.key = key;
    assert.deepEqual(table().steps('r', 10)[0]?.message, { payload: words });
  });

  it('are shown as left out once their key is gone', () => {
    const safe = aSafe(store, source);
    safe.clear();
    const [step] = table().steps('r', 10);
    assert.deepEqual([step?.message, step?.altered], [null, ['']]);
    assert.deepEqual(table().step('r', step?.id ?? 0)?.message, null);
  });
});
