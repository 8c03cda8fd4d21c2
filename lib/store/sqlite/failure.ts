import { VirtflowError } from '../../model/errors.ts';

// https://www.sqlite.org/rescode.html
const sqliteFull = 13;
/** The shared memory beside the log could not grow: the same full disk, met in another file. */
const sqliteIoErrShmSize = 4874;

/** Runs a statement of the store at `path`. @throws STORE_FULL, STORE_BROKEN */
export function guarded<T>(path: string, statement: () => T): T {
  try {
    return statement();
  } catch (error) {
    throw storeFailure(path, error);
  }
}

function storeFailure(path: string, error: unknown): VirtflowError {
  if (error instanceof VirtflowError) return error;
  if (isDiskFull(error)) return new VirtflowError('STORE_FULL', { path }, { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  return new VirtflowError('STORE_BROKEN', { path, reason }, { cause: error });
}

/** Whether a file system or SQLite found no room to write. */
export function isDiskFull(error: unknown): boolean {
  const code = errcode(error);
  return code === sqliteFull || code === sqliteIoErrShmSize || hasCode(error, 'ENOSPC');
}

/** SQLite's extended result code of what `node:sqlite` threw. */
export function errcode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
