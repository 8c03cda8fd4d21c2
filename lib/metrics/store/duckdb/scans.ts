import { VirtflowError } from '../../../model/errors.ts';
import { mostRows } from '../answer-size.ts';
import type { SeriesGroup } from '../catalogue.ts';
import type { Rows, Values } from '../frames.ts';
import type { Reading } from '../levels.ts';
import { pointsWanted } from '../plan.ts';
import { type Database, figureOf, numberOf } from './database.ts';
import { pointsStatement, selectStatement } from './select.ts';
import type { Shelf } from './shelves.ts';
import type { Statement } from './statement.ts';

/** Whoever asks first waits for others that are about to ask no longer than this. */
const longestWaitMs = 20;

/** What is read of a shelf, for which groups of its series. */
export interface Scan {
  readonly database: Database;
  readonly reading: Reading;
  readonly shelf: Shelf;
  readonly shared: boolean;
  readonly groups: readonly SeriesGroup[];
  readonly signal: AbortSignal | undefined;
}

interface Asked {
  readonly scan: Scan;
  readonly at: number;
  readonly resolve: (rows: Promise<Rows[]>) => void;
}

/**
 * Reads that are asked for at the same time and differ in their series alone are one statement: a dashboard asks the
 * same of the VMs of this host and of that, and a scan costs more than what it finds.
 */
export class Scans {
  #planning = 0;
  #asked: Asked[] = [];

  /** Tells that somebody is about to ask. */
  async planned<T>(work: () => Promise<T>): Promise<T> {
    this.#planning += 1;
    try {
      return await work();
    } finally {
      this.#planning -= 1;
      setImmediate(() => this.#run());
    }
  }

  /** @throws METRIC_QUERY_TOO_LARGE */
  rows(scan: Scan): Promise<Rows[]> {
    if (scan.groups.length === 0) return Promise.resolve([]);
    return new Promise((resolve) => {
      this.#asked.push({ scan, at: performance.now(), resolve });
    });
  }

  #run(): void {
    const [first] = this.#asked;
    if (!first || (this.#planning > 0 && performance.now() - first.at < longestWaitMs)) return;
    const signals = new Map<AbortSignal | undefined, number>();
    const alike = Map.groupBy(this.#asked.splice(0), ({ scan }) => {
      const { signal } = scan;
      signals.set(signal, signals.get(signal) ?? signals.size);
      return `${signals.get(signal)} ${keyOf(scan)}`;
    });
    for (const asked of alike.values()) for (const together of bounded(asked)) readTogether(together);
  }
}

function keyOf({ reading: { plan, segments, level }, shelf, shared }: Scan): string {
  const { columns, intervalMs, from, to, order } = plan;
  const wanted = pointsWanted(plan);
  const end = wanted === undefined ? undefined : [wanted, order];
  return JSON.stringify([shelf.id, shared, level, segments, columns, intervalMs, from, to, end]);
}

/** As many in one as fit into an answer; points as they are have no bound, and go alone. */
function bounded(asked: readonly Asked[]): Asked[][] {
  const parts: Asked[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const one of asked) {
    const { plan } = one.scan.reading;
    const buckets = plan.intervalMs === undefined ? 1 : Math.ceil((plan.to - plan.from) / plan.intervalMs) + 2;
    const own = plan.columns[0]?.aggregate === undefined ? mostRows : one.scan.groups.length * buckets;
    if (rows + own > mostRows) parts.push([]);
    rows = rows + own > mostRows ? own : rows + own;
    parts.at(-1)?.push(one);
  }
  return parts;
}

function readTogether(asked: readonly Asked[]): void {
  const [first] = asked;
  if (!first) return;
  const all = readRows({ ...first.scan, groups: asked.flatMap(({ scan }) => scan.groups) });
  let from = 0;
  for (const { scan, resolve } of asked) {
    const begin = from;
    from += scan.groups.length;
    const end = from;
    resolve(all.then((rows) => rows.slice(begin, end).filter(({ times }) => times.length > 0)));
  }
}

/** For each group its rows, be there any or none. */
async function readRows(scan: Scan): Promise<Rows[]> {
  const rows: Rows[] = [];
  for (const groups of await inParts(scan)) rows.push(...(await readGroups({ ...scan, groups })));
  return rows;
}

/** A median or percentile keeps all figures until it is told: groups come one after the other where those are many. */
async function inParts(scan: Scan): Promise<readonly (readonly SeriesGroup[])[]> {
  const { database, reading, shelf, groups } = scan;
  const { columns, from, to } = reading.plan;
  const kept = columns.filter(
    ({ aggregate }) => aggregate?.name === 'percentile' || aggregate?.name === 'median',
  ).length;
  if (kept === 0 || groups.length < 2) return [groups];
  const counted = await rowsFor(scan, pointsStatement(shelf, from, to));
  const most = database.valuesAtOnce / kept;
  const points = new Map((counted[0] ?? []).map((group, row) => [numberOf(group), numberOf(counted[1]?.[row])]));
  const parts: SeriesGroup[][] = [];
  let sum = Number.POSITIVE_INFINITY;
  for (const [index, group] of groups.entries()) {
    const own = points.get(index) ?? 0;
    if (sum + own > most) parts.push([]);
    sum = sum + own > most ? own : sum + own;
    parts.at(-1)?.push(group);
  }
  return parts;
}

function rowsFor({ database, groups, signal }: Scan, { sql, values }: Statement) {
  const { LIST, INTEGER, listValue } = database.duckdb;
  const lists = {
    series: listValue(groups.flatMap(({ series }) => series)),
    groups: listValue(groups.flatMap(({ series }, index) => series.map(() => index))),
  };
  return database.use(async (connection) => {
    const types = { series: LIST(INTEGER), groups: LIST(INTEGER) };
    return (await connection.runAndReadAll(sql, { ...values, ...lists }, types)).getColumns();
  }, signal);
}

async function readGroups(scan: Scan): Promise<Rows[]> {
  const { reading, shelf, shared, groups } = scan;
  const columns = await rowsFor(scan, selectStatement(reading, shelf, shared, mostRows + 1));
  const [group = [], times = [], ...figures] = columns;
  if (group.length > mostRows) throw new VirtflowError('METRIC_QUERY_TOO_LARGE', { rows: mostRows });
  const found = groups.map(({ tags }) => ({ tags, times: [] as number[], values: emptyColumns(reading) }));
  for (let row = 0; row < group.length; row++) {
    const rows = found[numberOf(group[row])];
    rows?.times.push(numberOf(times[row]));
    rows?.values.forEach((column, index) => {
      column.push(figureOf(figures[index]?.[row]));
    });
  }
  return found;
}

function emptyColumns({ plan }: Reading): Values[] {
  return plan.columns.map(() => []);
}
