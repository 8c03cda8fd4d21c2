import assert from 'node:assert/strict';
import { join } from 'node:path';
import { VirtflowError } from '../../lib/model/errors.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { anOperation } from './an-operation.ts';
import { SmallDisk } from './small-disk.ts';

const isFull = (error: unknown) => error instanceof VirtflowError && error.code === 'STORE_FULL';

describe('the store on a full disk', () => {
  let disk: SmallDisk;

  before(function () {
    if (SmallDisk.missing) this.skip();
  });
  beforeEach(() => {
    disk = new SmallDisk(2048);
  });
  afterEach(() => disk.remove());

  it('says so, keeps what it has, and goes on when there is room again', () => {
    const store = openSqliteStore(join(disk.path, 'state.db'));
    const first = anOperation();
    store.journal.insert(first);
    disk.fill();
    const insertMany = () => {
      for (let index = 0; index < 2000; index += 1) store.journal.insert(anOperation({ step: 'x'.repeat(4000) }));
    };
    assert.throws(insertMany, isFull);
    assert.throws(() => store.journal.insert(anOperation({ step: 'x'.repeat(4000) })), isFull);
    assert.deepEqual(store.journal.get(first.id), first);
    const count = store.journal.history({ limit: 1000 }).length;
    disk.free();
    store.journal.insert(anOperation());
    assert.equal(store.journal.history({ limit: 1000 }).length, count + 1);
    store.close();
  });

  it('cannot be made there, and says so', () => {
    disk.fill();
    assert.throws(() => openSqliteStore(join(disk.path, 'state.db')), isFull);
  });
});
