import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Access } from '../../lib/access/access.ts';
import { storeFileOf } from '../../lib/platform.ts';
import { openDataDirectory } from '../../lib/store/data-directory.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { adoptAdministrator } from './administrator.ts';

const log = { error: console.error, warn: console.error, info: () => undefined, debug: () => undefined };

/**
 * Works on the users of a data directory, which is made when there is none; beside a virtflow that runs on it as well,
 * which sees each change at once.
 * @throws DATA_DIRECTORY_*, STORE_*, and what `work` throws
 */
export async function withAccess<T>(
  dataDirectory: string,
  work: (access: Access, store: Store) => Promise<T> | T,
): Promise<T> {
  const file = storeFileOf(dataDirectory);
  if (!existsSync(file)) openDataDirectory(dataDirectory).release();
  const store = openSqliteStore(file);
  const access = new Access({ store, dataDirectory, log, inventory: { get: () => undefined, list: () => [] } });
  try {
    access.start();
    adoptAdministrator(access, dataDirectory);
    return await work(access, store);
  } finally {
    access.stop();
    store.close();
  }
}

/** Who types, for the audit record. */
export function whoTypes(): string {
  try {
    return `${userInfo().username} (command line)`;
  } catch {
    return 'command line';
  }
}
