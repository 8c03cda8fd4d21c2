import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { VirtflowError } from '../model/errors.ts';
import { writePrivateFile } from '../store/private-file.ts';
import type { KeySource } from './key-source.ts';
import { readKey, writeKey } from './key-text.ts';

/**
 * A key in a file. One of our `own` in the data directory is made when there is none, and must be readable by its owner
 * alone; one that is `given` is whatever people mounted there.
 */
export function keyFile(path: string, whose: 'own' | 'given'): KeySource {
  const name = `the file ${path}`;
  const next = `${path}.next`;
  const read = (file: string) => {
    const text = textOf(file, name);
    if (text === undefined) return [];
    if (whose === 'own') refuseShared(file, name);
    return [readKey(text, name)];
  };
  return {
    name,
    keys: () => [...read(path), ...read(next)],
    place: {
      takesFirst: whose === 'own',
      keepNext: (key) => {
        writePrivateFile(next, `${writeKey(key)}\n`);
        syncDirectory(path);
      },
      settle: (key) => {
        // Another process may have begun a rotation of its own.
        if (!read(next).some((kept) => kept.equals(key))) return;
        renameSync(next, path);
        syncDirectory(path);
      },
    },
  };
}

function textOf(path: string, source: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new VirtflowError('SECRET_KEY_INVALID', { source, reason }, { cause: error });
  }
}

function refuseShared(path: string, source: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o077) === 0) return;
  const reason = `others may read it (mode ${(mode & 0o777).toString(8)}, and 600 is needed)`;
  throw new VirtflowError('SECRET_KEY_INVALID', { source, reason });
}

/** What is encrypted with a key must not be on disk before the key's own name is. */
function syncDirectory(path: string): void {
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
