import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { VirtflowError } from '../../lib/model/errors.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { anOperation } from './an-operation.ts';
import { storeContract } from './contract.ts';

const isError = (code: string) => (error: unknown) => error instanceof VirtflowError && error.code === code;

describe('the store in SQLite', () => {
  let directory: string;
  let path: string;
  const stores: Store[] = [];

  function open(): Store {
    const store = openSqliteStore(path);
    stores.push(store);
    return store;
  }

  function dispose(): void {
    for (const store of stores.splice(0)) store.close();
    rmSync(directory, { recursive: true, force: true });
  }

  function fresh(): void {
    directory = mkdtempSync(join(tmpdir(), 'virtflow-store-'));
    path = join(directory, 'state.db');
  }

  describe('as any engine', () => {
    storeContract({
      open: () => {
        fresh();
        return open();
      },
      reopen: (store) => {
        store.close();
        return open();
      },
      dispose,
    });
  });

  describe('on its own', () => {
    beforeEach(fresh);
    afterEach(dispose);

    it('waits for the disk with each write', () => {
      open();
      const reader = new DatabaseSync(path);
      assert.equal(reader.prepare('pragma journal_mode').get()?.journal_mode, 'wal');
      reader.close();
    });

    it('refuses a file that is not a store, and leaves it as it is', () => {
      const garbage = 'my thesis, not a database. '.repeat(500);
      writeFileSync(path, garbage);
      assert.throws(open, isError('STORE_BROKEN'));
      assert.equal(readFileSync(path, 'utf8'), garbage);
    });

    it('refuses a store that is damaged inside, naming the file', () => {
      const store = open();
      for (let index = 0; index < 200; index += 1) store.journal.insert(anOperation({ step: 'x'.repeat(500) }));
      store.close();
      const bytes = readFileSync(path);
      bytes.fill(0xa5, 4096 * 4);
      writeFileSync(path, bytes);
      assert.throws(() => open().journal.history({}), isError('STORE_BROKEN'));
      assert.deepEqual(readFileSync(path), bytes);
    });

    it('refuses a store that a newer virtflow made', () => {
      open().close();
      const newer = new DatabaseSync(path);
      newer.exec('pragma user_version = 999');
      newer.close();
      assert.throws(open, /a newer virtflow made it/);
    });

    it('refuses a path that cannot be opened', () => {
      path = join(directory, 'not', 'there.db');
      assert.throws(open, isError('STORE_BROKEN'));
    });

    it('finds the history of one object among a hundred thousand without reading the others', () => {
      open();
      const reader = new DatabaseSync(path);
      const plan = (where: string) =>
        reader
          .prepare(`explain query plan select body from operation ${where} order by queued_at desc, id desc limit 100`)
          .all()
          .map(({ detail }) => String(detail));
      assert.match(
        plan("where connection = 'a' and kind = 'vm' and object = 'b'").join(),
        /^SEARCH .*operation_by_object/,
      );
      assert.match(plan("where connection = 'a'").join(), /^SEARCH .*operation_by_connection/);
      assert.match(plan("where action = 'a'").join(), /^SEARCH .*operation_by_action/);
      assert.match(plan('where queued_at >= 5').join(), /^SEARCH .*operation_by_time/);
      assert.match(plan('').join(), /^SCAN operation USING INDEX operation_by_time$/);
      reader.close();
    });
  });
});
