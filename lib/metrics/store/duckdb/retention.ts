import type { DuckDBConnection } from '@duckdb/node-api';
import type { Shelves } from './shelves.ts';

/** Removes all that is older, and tells how many rows that were; a series that has none left is known no more. */
export async function removeBefore(connection: DuckDBConnection, shelves: Shelves, before: number): Promise<number> {
  let rows = 0;
  await connection.run('BEGIN');
  try {
    for (const { id } of shelves.all()) {
      const removed = await connection.run(`DELETE FROM m${id} WHERE t < $1`, [BigInt(before)]);
      rows += removed.rowsChanged;
      await connection.run(`DELETE FROM series WHERE measurement = $1 AND id NOT IN (SELECT series FROM m${id})`, [id]);
    }
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => {}); // a broken file has no transaction left
    throw error;
  }
  await shelves.load(connection);
  return rows;
}
