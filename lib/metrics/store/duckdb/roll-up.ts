import type { DuckDBConnection } from '@duckdb/node-api';
import { type RollUpSource, rollUpOn, rollUpTo, type Until } from '../advance.ts';
import { bucketOf } from '../frames.ts';
import { type Level, rollUps, widthMs } from '../levels.ts';
import { partialName, partials } from '../partials.ts';
import { type DuckDb, numberOf } from './database.ts';
import { combined, partialAt } from './partials.ts';
import { type Shelf, tableOf } from './shelves.ts';

export interface WrittenPoint {
  readonly series: number;
  readonly at: number;
}

/** Rolls up again what these points came too late for. In the transaction that wrote them. */
export async function rollUpAgain(
  { LIST, INTEGER, BIGINT, listValue }: DuckDb,
  connection: DuckDBConnection,
  shelf: Shelf,
  points: readonly WrittenPoint[],
): Promise<void> {
  const late = points.filter(({ at }) => at < shelf.until['5m']);
  if (late.length === 0) return;
  const lists = {
    series: listValue(late.map(({ series }) => series)),
    at: listValue(late.map(({ at }) => BigInt(at))),
  };
  await connection.run(
    'CREATE OR REPLACE TEMP TABLE touched AS SELECT unnest($series) AS series, unnest($at) AS t',
    lists,
    { series: LIST(INTEGER), at: LIST(BIGINT) },
  );
  const [first, last] = [Math.min(...late.map(({ at }) => at)), Math.max(...late.map(({ at }) => at))];
  for (const { level, of } of rollUps) {
    const range = {
      width: BigInt(widthMs[level]),
      from: BigInt(bucketOf(first, widthMs[level])),
      to: BigInt(Math.min(bucketOf(last, widthMs[level]) + widthMs[level], shelf.until[level])),
    };
    const buckets = '(SELECT DISTINCT series, (t // $width) * $width AS t FROM touched)';
    await connection.run(
      `DELETE FROM ${tableOf(shelf, level)} AS r USING ${buckets} AS b
        WHERE r.series = b.series AND r.t = b.t AND r.t >= $from AND r.t < $to`,
      range,
    );
    const only = `JOIN ${buckets} AS b ON b.series = p.series AND b.t = (p.t // $width) * $width`;
    await connection.run(insertText(shelf, level, of, only), range);
  }
}

/** Rolls up the buckets that have ended, or all that end before a moment. @returns until where that is done */
export async function rollUp(
  connection: DuckDBConnection,
  shelf: Shelf,
  to: { readonly newest: number } | { readonly before: number },
): Promise<Until> {
  const source = sourceOf(connection, shelf);
  const until =
    'newest' in to ? await rollUpOn(source, shelf.until, to.newest) : await rollUpTo(source, shelf.until, to.before);
  for (const { level } of rollUps) {
    if (until[level] === shelf.until[level]) continue;
    const values = { id: shelf.id, level, until: BigInt(until[level]) };
    await connection.run('INSERT OR REPLACE INTO rolled_up VALUES ($id, $level, $until)', values);
  }
  return until;
}

function sourceOf(connection: DuckDBConnection, shelf: Shelf): RollUpSource {
  return {
    firstIn: async (level, from, to) => {
      const sql = `SELECT min(t) FROM ${tableOf(shelf, level)} WHERE t >= $from AND t < $to`;
      const answer = await connection.runAndReadAll(sql, { from: BigInt(from), to: BigInt(to) });
      const first = answer.getRows()[0]?.[0] ?? null;
      return first === null ? undefined : numberOf(first);
    },
    rollUp: async (level, of, from, to) => {
      const range = { width: BigInt(widthMs[level]), from: BigInt(from), to: BigInt(to) };
      await connection.run(insertText(shelf, level, of, ''), range);
    },
  };
}

function insertText(shelf: Shelf, level: Level, of: Level, only: string): string {
  const kept = [...shelf.columns.values()].flatMap((field) =>
    partials.map((partial) => ({ partial, name: partialName(field, partial), part: partialAt(of, field, partial) })),
  );
  const order = { first: 'p.t', last: 'p.t' };
  return `INSERT INTO ${tableOf(shelf, level)} (series, t, ${kept.map(({ name }) => name).join(', ')})
    SELECT p.series, (p.t // $width) * $width AS bucket,
      ${kept.map(({ partial, name }) => combined(partial, name, order)).join(', ')}
    FROM (SELECT series, t, ${kept.map(({ name, part }) => `${part} AS ${name}`).join(', ')}
      FROM ${tableOf(shelf, of)} WHERE t >= $from AND t < $to) AS p ${only}
    GROUP BY p.series, bucket ORDER BY bucket, p.series`;
}
