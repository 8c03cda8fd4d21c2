import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '../lib/operations/operation.ts';
import { storeFileOf } from '../lib/platform.ts';
import { openSqliteStore } from '../lib/store/sqlite/sqlite-store.ts';

/** Prints the latest operations, newest first; works beside a running virtflow too. @throws STORE_BROKEN */
export function printHistory(dataDirectory: string, json: boolean): void {
  const operations = readHistory(dataDirectory);
  if (json) console.log(JSON.stringify(operations, null, 2));
  else if (operations.length === 0) console.log('Nothing was done yet.');
  else for (const operation of operations) console.log(line(operation));
}

function readHistory(dataDirectory: string): readonly Operation[] {
  const file = storeFileOf(dataDirectory);
  if (!existsSync(file)) return [];
  const store = openSqliteStore(file);
  try {
    return store.journal.history({});
  } finally {
    store.close();
  }
}

function line({ queuedAt, state, mode, action, target, targetName, origin, error }: Operation): string {
  const at = new Date(queuedAt).toISOString().slice(0, 19).replace('T', ' ');
  const what = `${action.padEnd(14)} ${join(target.connection, targetName)}`;
  const by = `by ${origin.through}${mode === 'plan' ? ', a plan' : ''}`;
  return `${at}  ${state.padEnd(11)}  ${what}  ${by}${error ? `  ${error.code}: ${error.message}` : ''}`;
}
