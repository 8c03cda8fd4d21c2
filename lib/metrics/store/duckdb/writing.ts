import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import type { Sample } from '../../../model/reading.ts';
import { appendRows } from './append.ts';
import type { DuckDb } from './database.ts';
import { rollUp, rollUpAgain } from './roll-up.ts';
import { type KnownSeries, nothingYet, type Shelf, type Shelves } from './shelves.ts';

/** A point of a series: all fields that were told for one moment. */
interface Row {
  readonly series: KnownSeries;
  readonly at: number;
  fields: Readonly<Record<string, number>>;
}

/** Writes samples in one transaction. What fails has changed nothing in the file, but the shelves have to be loaded anew. */
export async function writeSamples(
  duckdb: DuckDb,
  connection: DuckDBConnection,
  shelves: Shelves,
  samples: readonly Sample[],
): Promise<void> {
  const rolledUp = await inTransaction(connection, async () => {
    const until = new Map<Shelf, Shelf['until']>();
    for (const [measurement, own] of Map.groupBy(samples, (sample) => sample.measurement)) {
      const shelf = await shelves.shelfFor(connection, measurement, own);
      const rows = rowsOf(own, await shelves.seriesOf(duckdb, connection, shelf, own));
      await writeShelf(duckdb, connection, shelf, rows);
      const points = rows.map(({ series, at }) => ({ series: series.id, at }));
      await rollUpAgain(duckdb, connection, shelf, points);
      const newest = Math.max(...rows.map(({ series }) => series.latest));
      until.set(shelf, await rollUp(connection, shelf, { newest }));
    }
    return until;
  });
  // Whoever asked meanwhile looks at the points themselves.
  for (const [shelf, until] of rolledUp) shelf.until = until;
}

export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN');
  try {
    const result = await work();
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => {}); // a broken file has no transaction left
    throw error;
  }
}

/** @param series of each sample */
function rowsOf(samples: readonly Sample[], series: readonly KnownSeries[]): Row[] {
  const rows = new Map<string, Row>();
  for (const [index, { at, fields }] of samples.entries()) {
    const own = series[index];
    if (!own) continue;
    const key = `${own.id} ${at}`;
    const row = rows.get(key);
    if (row) row.fields = { ...row.fields, ...fields };
    else rows.set(key, { series: own, at: Math.round(at), fields });
  }
  return [...rows.values()];
}

/** What is newer than all of its series is put behind it; the rest may be there already, and is merged. */
async function writeShelf(duckdb: DuckDb, connection: DuckDBConnection, shelf: Shelf, rows: Row[]): Promise<void> {
  const [newer, known] = [rows.filter(isNewer), rows.filter((row) => !isNewer(row))];
  for (const row of newer) row.series.latest = Math.max(row.series.latest, row.at);
  await append(duckdb, connection, `m${shelf.id}`, shelf, newer);
  if (known.length === 0) return;
  await connection.run(`CREATE OR REPLACE TEMP TABLE late AS SELECT * FROM m${shelf.id} LIMIT 0`);
  await append(duckdb, connection, 'late', shelf, known);
  await connection.run(merge(shelf), { from: BigInt(Math.min(...known.map((row) => row.at))) });
}

/** Within one batch a series comes in order or not at all, so only what was there before counts. */
function isNewer({ series, at }: Row): boolean {
  return series.latest === nothingYet || at > series.latest;
}

function merge(shelf: Shelf): string {
  const columns = [...shelf.columns.values()];
  const sets = columns.map((column) => `${column} = coalesce(late.${column}, stored.${column})`);
  const all = ['series', 't', ...columns];
  return `MERGE INTO m${shelf.id} AS stored USING late
    ON stored.series = late.series AND stored.t = late.t AND stored.t >= $from
    WHEN MATCHED THEN UPDATE SET ${sets.join(', ')}
    WHEN NOT MATCHED THEN INSERT (${all.join(', ')}) VALUES (${all.map((column) => `late.${column}`).join(', ')})`;
}

function append(
  duckdb: DuckDb,
  connection: DuckDBConnection,
  table: string,
  shelf: Shelf,
  rows: readonly Row[],
): Promise<void> {
  return appendRows(connection, table, rows, (part) => chunkOf(duckdb, shelf, part));
}

function chunkOf(
  { DuckDBDataChunk, INTEGER, BIGINT, DOUBLE }: DuckDb,
  shelf: Shelf,
  rows: readonly Row[],
): DuckDBDataChunk {
  const fields = [...shelf.columns.keys()];
  const chunk = DuckDBDataChunk.create([INTEGER, BIGINT, ...fields.map(() => DOUBLE)], rows.length);
  chunk.setColumnValues(
    0,
    rows.map(({ series }) => series.id),
  );
  chunk.setColumnValues(
    1,
    rows.map(({ at }) => BigInt(at)),
  );
  for (const [index, field] of fields.entries()) {
    chunk.setColumnValues(
      index + 2,
      rows.map((row) => row.fields[field] ?? null),
    );
  }
  return chunk;
}
