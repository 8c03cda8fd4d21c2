import type { DuckDBConnection } from '@duckdb/node-api';
import { bucketOf } from '../frames.ts';
import { type Level, rollUps, widthMs } from '../levels.ts';
import { type DuckDb, numberOf } from './database.ts';
import { combined, partialAt, partialColumn, partials } from './partials.ts';
import { type Shelf, tableOf } from './shelves.ts';

/** A bucket ends so long before the newest point: others of its time are about to come. */
const graceMs = 60_000;
/** What is rolled up by one statement, for the sake of memory. */
const stepMs = widthMs['1h'];
/** So many a write: a file that had no roll-ups gets them one by one. */
const mostSteps = 24;

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

/** Rolls up the buckets that have ended, one step after the other. @returns until where each level is complete */
export async function rollUpOn(connection: DuckDBConnection, shelf: Shelf, newest: number): Promise<Shelf['until']> {
  return rollUpTo(connection, shelf, Math.min(newest, Date.now()) - graceMs, mostSteps);
}

/** The same, up to a moment. */
export async function rollUpTo(
  connection: DuckDBConnection,
  shelf: Shelf,
  moment: number,
  steps = Number.POSITIVE_INFINITY,
): Promise<Shelf['until']> {
  const until = { ...shelf.until };
  for (const { level, of } of rollUps) {
    const end = bucketOf(Math.min(moment, of === 'raw' ? moment : until[of]), widthMs[level]);
    if (end <= until[level]) continue;
    until[level] = await advance(connection, { ...shelf, until }, level, of, end, steps);
    const values = { id: shelf.id, level, until: BigInt(until[level]) };
    await connection.run('INSERT OR REPLACE INTO rolled_up VALUES ($id, $level, $until)', values);
  }
  return until;
}

async function advance(
  connection: DuckDBConnection,
  shelf: Shelf,
  level: Exclude<Level, 'raw'>,
  of: Level,
  end: number,
  steps: number,
): Promise<number> {
  const width = widthMs[level];
  let from = shelf.until[level];
  for (let step = 0; step < steps && from < end; step++) {
    if (end - from > stepMs) from = await nextFrom(connection, tableOf(shelf, of), from, width, end);
    const to = Math.min(bucketOf(from, stepMs) + stepMs, end);
    const range = { width: BigInt(width), from: BigInt(from), to: BigInt(to) };
    if (from < to) await connection.run(insertText(shelf, level, of, ''), range);
    from = to;
  }
  return from;
}

/** Where there is something again. */
async function nextFrom(
  connection: DuckDBConnection,
  table: string,
  from: number,
  width: number,
  end: number,
): Promise<number> {
  const range = { from: BigInt(from), end: BigInt(end) };
  const answer = await connection.runAndReadAll(`SELECT min(t) FROM ${table} WHERE t >= $from AND t < $end`, range);
  const first = answer.getRows()[0]?.[0];
  return first === null || first === undefined ? end : bucketOf(numberOf(first), width);
}

function insertText(shelf: Shelf, level: Level, of: Level, only: string): string {
  const kept = [...shelf.columns.values()].flatMap((field) =>
    partials.map((partial) => ({ partial, name: partialColumn(field, partial), part: partialAt(of, field, partial) })),
  );
  const order = { first: 'p.t', last: 'p.t' };
  return `INSERT INTO ${tableOf(shelf, level)} (series, t, ${kept.map(({ name }) => name).join(', ')})
    SELECT p.series, (p.t // $width) * $width AS bucket,
      ${kept.map(({ partial, name }) => combined(partial, name, order)).join(', ')}
    FROM (SELECT series, t, ${kept.map(({ name, part }) => `${part} AS ${name}`).join(', ')}
      FROM ${tableOf(shelf, of)} WHERE t >= $from AND t < $to) AS p ${only}
    GROUP BY p.series, bucket ORDER BY bucket, p.series`;
}
