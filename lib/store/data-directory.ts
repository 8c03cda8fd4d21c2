import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { VirtflowError } from '../model/errors.ts';
import { errcode } from './sqlite/failure.ts';

const sqliteBusy = 5;

/** The directory where everything that lasts is kept, held by this process. */
export interface DataDirectory {
  readonly path: string;
  /** Lets go of it; twice is fine. */
  release(): void;
}

/**
 * Makes the directory (mode 700) where there is none, and takes it for this process. SQLite's exclusive lock is the
 * guard, for the operating system frees it however the process ends.
 * @throws DATA_DIRECTORY_UNUSABLE, DATA_DIRECTORY_BUSY
 */
export function openDataDirectory(path: string): DataDirectory {
  usable(path, () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  });
  const lock = usable(path, () => takeLock(path));
  try {
    // Nobody else can read the lock file itself while it is held.
    usable(path, () => writeFileSync(pidFile(path), `${process.pid}\n`, { mode: 0o600 }));
  } catch (error) {
    lock.close();
    throw error;
  }
  return { path, release: () => lock.isOpen && lock.close() };
}

function takeLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(join(path, 'lock.sqlite'));
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (errcode(error) === sqliteBusy) throw new VirtflowError('DATA_DIRECTORY_BUSY', { path, pid: holder(path) });
    throw error;
  }
}

function holder(path: string): string {
  try {
    return readFileSync(pidFile(path), 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

function pidFile(path: string): string {
  return join(path, 'virtflow.pid');
}

function usable<T>(path: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof VirtflowError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new VirtflowError('DATA_DIRECTORY_UNUSABLE', { path, reason }, { cause: error });
  }
}
