import { closeSync, existsSync, openSync } from 'node:fs';

/**
 * Makes an empty file that its owner alone can read; SQLite gives its log the mode of the database. A file that exists
 * is not touched: closing it would take away the locks that this process holds on it (POSIX, fcntl).
 */
export function createPrivately(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
}
