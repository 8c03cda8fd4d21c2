import type { DatabaseSync } from 'node:sqlite';
import { guarded } from './failure.ts';

/** Runs `work` as one transaction, or as a part of the one that is open. @throws what it throws, STORE_FULL, STORE_BROKEN */
export function transactionOn<T>(database: DatabaseSync, path: string, work: () => T): T {
  if (database.isTransaction) return work();
  // Immediate: what it reads is not changed by another process before it writes.
  guarded(path, () => database.exec('begin immediate'));
  try {
    const done = work();
    guarded(path, () => database.exec('commit'));
    return done;
  } catch (error) {
    // A disk that is full has rolled it back already.
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}
