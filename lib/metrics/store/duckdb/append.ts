import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';

const rowsInAChunk = 2_048;

/** Puts rows behind a table, as a part of the transaction under way; much faster than statements are. */
export async function appendRows<Row>(
  connection: DuckDBConnection,
  table: string,
  rows: readonly Row[],
  chunkOf: (rows: readonly Row[]) => DuckDBDataChunk,
): Promise<void> {
  if (rows.length === 0) return;
  const appender = await connection.createAppender(table);
  try {
    for (let from = 0; from < rows.length; from += rowsInAChunk) {
      appender.appendDataChunk(chunkOf(rows.slice(from, from + rowsInAChunk)));
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}
