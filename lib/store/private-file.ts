import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { VirtflowError } from '../model/errors.ts';
import { parseJson } from '../model/json.ts';

/**
 * Replaces a file whole, readable by its owner alone: after a crash there is the old one or the new one.
 * @throws STORE_FULL, STORE_BROKEN
 */
export function writePrivateFile(path: string, text: string): void {
  const temporary = `${path}.new`;
  try {
    rmSync(temporary, { force: true });
    writeThrough(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    throw failure(path, error);
  }
}

/** What a private file holds, parsed; undefined when there is none. @throws STORE_BROKEN */
export function readPrivateJson(path: string): unknown {
  try {
    return parseJson(readFileSync(path, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw failure(path, error);
  }
}

function writeThrough(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function failure(path: string, error: unknown): VirtflowError {
  if (codeOf(error) === 'ENOSPC') return new VirtflowError('STORE_FULL', { path }, { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  return new VirtflowError('STORE_BROKEN', { path, reason }, { cause: error });
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
