import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { VirtflowError } from '../model/errors.ts';
import { type ReadDashboard, readDashboard } from './reading.ts';

/** A file of a directory, read: a dashboard, or what is wrong with it. */
export type DashboardFile =
  | ({ readonly file: string; readonly isShipped: boolean } & ReadDashboard)
  | { readonly file: string; readonly isShipped: boolean; readonly error: VirtflowError };

interface Seen {
  readonly stamp: string;
  readonly read: DashboardFile;
}

/** A dashboard has a few hundred kilobytes at most. */
const largestBytes = 5_000_000;

/**
 * The dashboards that come with virtflow, and those that somebody put into a directory of their own. Files are looked at
 * each time somebody asks, and read again when they have changed; one's own takes the place of one that came with it.
 */
export class Dashboards {
  readonly #directories: readonly { readonly path: string; readonly isShipped: boolean }[];
  readonly #seen = new Map<string, Seen>();

  constructor(shipped: string, own: string) {
    this.#directories = [
      { path: own, isShipped: false },
      { path: shipped, isShipped: true },
    ];
  }

  /** One's own first, each by its title; broken ones with what is wrong. */
  list(): readonly DashboardFile[] {
    const found = this.#directories.flatMap(({ path, isShipped }) => this.#read(path, isShipped));
    const taken = new Set<string>();
    return found
      .map((one) => {
        if ('error' in one) return one;
        const { uid } = one.dashboard;
        const isTaken = taken.has(uid);
        taken.add(uid);
        return isTaken && !one.isShipped ? { ...one, error: twice(one.file, uid) } : isTaken ? undefined : one;
      })
      .filter((one) => one !== undefined);
  }

  /** @throws DASHBOARD_UNKNOWN */
  get(uid: string): ReadDashboard {
    for (const one of this.list()) if (!('error' in one) && one.dashboard.uid === uid) return one;
    throw new VirtflowError('DASHBOARD_UNKNOWN', { uid: uid.slice(0, 100) });
  }

  #read(directory: string, isShipped: boolean): DashboardFile[] {
    const files = namesIn(directory).map((file) => this.#file(join(directory, file), file, isShipped));
    return files.sort((a, b) => titleOf(a).localeCompare(titleOf(b), 'en'));
  }

  #file(path: string, file: string, isShipped: boolean): DashboardFile {
    try {
      // Also the time of its state: a copy may keep the time of the original, and who may read it may change.
      const { mtimeMs, ctimeMs, size, ino } = statSync(path);
      const stamp = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      const seen = this.#seen.get(path);
      if (seen?.stamp === stamp) return seen.read;
      const read = size > largestBytes ? tooLarge(file, isShipped) : readFile(path, file, isShipped);
      this.#seen.set(path, { stamp, read });
      return read;
    } catch (error) {
      return { file, isShipped, error: unreadable(file, error) };
    }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  } catch {
    return []; // Nobody has put a file of their own anywhere yet.
  }
}

function readFile(path: string, file: string, isShipped: boolean): DashboardFile {
  try {
    return { file, isShipped, ...readDashboard(file, readFileSync(path, 'utf8')) };
  } catch (thrown) {
    return { file, isShipped, error: thrown instanceof VirtflowError ? thrown : unreadable(file, thrown) };
  }
}

function titleOf(one: DashboardFile): string {
  return 'error' in one ? one.file : one.dashboard.title;
}

function tooLarge(file: string, isShipped: boolean): DashboardFile {
  const reason = `it has more than ${largestBytes} bytes`;
  return { file, isShipped, error: new VirtflowError('DASHBOARD_INVALID', { file, reason }) };
}

function unreadable(file: string, error: unknown): VirtflowError {
  const reason = error instanceof Error ? error.message : String(error);
  return new VirtflowError('DASHBOARD_INVALID', { file, reason });
}

function twice(file: string, uid: string): VirtflowError {
  return new VirtflowError('DASHBOARD_INVALID', { file, reason: `another file has the uid "${uid}" as well` });
}
