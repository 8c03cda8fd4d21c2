import { DatabaseSync } from 'node:sqlite';
import type { Store } from '../store.ts';
import { sqliteAccess } from './access.ts';
import { createPrivately } from './create-privately.ts';
import { guarded } from './failure.ts';
import { sqliteJournal } from './journal.ts';
import { sqliteRuns } from './runs.ts';
import { migrate } from './schema.ts';
import { sqliteSlots } from './slots.ts';
import { sqliteStates } from './states.ts';
import { transactionOn } from './transaction.ts';

const inMemory = ':memory:';

/**
 * Opens the store in the file `path` and makes it when there is none. WAL with `synchronous=FULL` lost nothing in kill
 * and power-loss tests, and NORMAL did. What cannot be read is left as it is. `:memory:`
 * keeps nothing, for tests.
 * @throws STORE_FULL, STORE_BROKEN
 */
export function openSqliteStore(path: string): Store {
  const database = guarded(path, () => {
    if (path !== inMemory) createPrivately(path);
    return new DatabaseSync(path, { timeout: 5000 });
  });
  try {
    return guarded(path, () => {
      database.exec('pragma journal_mode = wal; pragma synchronous = full');
      migrate(database, path);
      return storeOn(database, path);
    });
  } catch (error) {
    database.close();
    throw error;
  }
}

function storeOn(database: DatabaseSync, path: string): Store {
  let isOpen = true;
  return {
    journal: sqliteJournal(database, path),
    slots: sqliteSlots(database, path),
    states: sqliteStates(database, path),
    access: sqliteAccess(database, path),
    runs: sqliteRuns(database, path),
    transaction: (work) => transactionOn(database, path, work),
    close: () => {
      if (isOpen) database.close();
      isOpen = false;
    },
  };
}
