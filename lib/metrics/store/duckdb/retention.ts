import type { DuckDBConnection } from '@duckdb/node-api';
import { levels, type PerLevel } from '../levels.ts';
import { rollUp } from './roll-up.ts';
import { type Shelves, tableOf } from './shelves.ts';
import { inTransaction } from './writing.ts';

/**
 * Removes all that is older than its level keeps, after it was rolled up, and tells how many rows that were; a series
 * that has none left at any level is known no more.
 */
export async function removeBefore(
  connection: DuckDBConnection,
  shelves: Shelves,
  before: PerLevel<number>,
): Promise<PerLevel<number>> {
  for (const shelf of shelves.all()) {
    shelf.until = await inTransaction(connection, () => rollUp(connection, shelf, { before: before.raw }));
  }
  // Whoever asks from now on does not count on what goes.
  const { since } = shelves;
  shelves.since = later(since, before);
  const rows = await inTransaction(connection, () => removeRows(connection, shelves, before));
  await shelves.load(connection);
  return rows;
}

async function removeRows(
  connection: DuckDBConnection,
  shelves: Shelves,
  before: PerLevel<number>,
): Promise<PerLevel<number>> {
  const rows = { raw: 0, '5m': 0, '1h': 0 };
  for (const level of levels) {
    for (const shelf of shelves.all()) {
      const removed = await connection.run(`DELETE FROM ${tableOf(shelf, level)} WHERE t < $1`, [
        BigInt(before[level]),
      ]);
      rows[level] += removed.rowsChanged;
    }
    await connection.run('INSERT OR REPLACE INTO removed VALUES ($1, $2)', [level, BigInt(shelves.since[level])]);
  }
  for (const shelf of shelves.all()) {
    const living = levels.map((level) => `SELECT series FROM ${tableOf(shelf, level)}`).join(' UNION ');
    await connection.run(`DELETE FROM series WHERE measurement = $1 AND id NOT IN (${living})`, [shelf.id]);
  }
  return rows;
}

function later(one: PerLevel<number>, other: PerLevel<number>): PerLevel<number> {
  return {
    raw: Math.max(one.raw, other.raw),
    '5m': Math.max(one['5m'], other['5m']),
    '1h': Math.max(one['1h'], other['1h']),
  };
}
