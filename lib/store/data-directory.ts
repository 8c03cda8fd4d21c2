import { accessSync, constants, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { VirtflowError } from '../model/errors.ts';
import { createPrivately } from './sqlite/create-privately.ts';
import { errcode, isDiskFull } from './sqlite/failure.ts';

const sqliteBusy = 5;
/** Held here as well, for a lock that is garbage-collected is a lock that is lost. */
const held = new Set<DatabaseSync>();

/** The directory where everything that lasts is kept, held by this process. */
export interface DataDirectory {
  readonly path: string;
  /** Lets go of it; twice is fine. */
  release(): void;
}

/**
 * Makes the directory (mode 700) where there is none, and takes it for this process. SQLite's exclusive lock is the
 * guard, for the operating system frees it however the process ends.
 * @throws DATA_DIRECTORY_UNUSABLE, DATA_DIRECTORY_BUSY, STORE_FULL
 */
export function openDataDirectory(path: string): DataDirectory {
  usable(path, () => {
    makeDirectory(path);
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
  held.add(lock);
  return { path, release: () => letGo(lock) };
}

function letGo(lock: DatabaseSync): void {
  if (held.delete(lock)) lock.close();
}

function takeLock(path: string): DatabaseSync {
  const file = join(path, 'lock.sqlite');
  createPrivately(file);
  const lock = new DatabaseSync(file);
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (errcode(error) === sqliteBusy) throw new VirtflowError('DATA_DIRECTORY_BUSY', { path, pid: holder(path) });
    throw error;
  }
}

/** Not `recursive`: Node 24 never comes back from a path that the kernel refuses with ENOENT, as all below /proc. */
function makeDirectory(path: string): void {
  if (makeOne(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** False when its parent is missing. */
function makeOne(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return true;
    if (dirname(path) === path || statSync(dirname(path), { throwIfNoEntry: false })) throw error;
    return false;
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
    if (isDiskFull(error)) throw new VirtflowError('STORE_FULL', { path }, { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    throw new VirtflowError('DATA_DIRECTORY_UNUSABLE', { path, reason }, { cause: error });
  }
}
