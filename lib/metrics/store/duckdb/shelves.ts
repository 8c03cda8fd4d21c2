import type { DuckDBConnection } from '@duckdb/node-api';
import type { Sample } from '../../../model/reading.ts';
import type { Until } from '../advance.ts';
import { type Series, seriesKey } from '../catalogue.ts';
import { type Level, type PerLevel, type RollUp, rollUps } from '../levels.ts';
import { partialName, partials } from '../partials.ts';
import { appendRows } from './append.ts';
import { type DuckDb, numberOf } from './database.ts';
import { columnType } from './partials.ts';

/**
 * What is kept of one measurement: its table `m…` and one for each roll-up, a column `f…` for each field (several in a
 * roll-up), and who its series are.
 */
export interface Shelf {
  readonly id: number;
  readonly measurement: string;
  /** Names of fields to names of columns; no name from outside stands in a statement. */
  readonly columns: Map<string, string>;
  readonly series: Map<string, KnownSeries>;
  /** The roll-ups have all that is older. */
  until: Until;
}

export function tableOf({ id }: Pick<Shelf, 'id'>, level: Level): string {
  return level === 'raw' ? `m${id}` : `m${id}_${level}`;
}

export interface KnownSeries extends Series {
  /** Time of its newest row; what is not newer has to be looked for before it is written. */
  latest: number;
}

export const nothingYet = -1;

/** All measurements, as the file has them and as they are known here. */
export class Shelves {
  #shelves = new Map<string, Shelf>();
  /** What is older was removed, or is about to be. */
  since: PerLevel<number> = nothingRemoved;
  #nextSeries = 1;

  get(measurement: string): Shelf | undefined {
    return this.#shelves.get(measurement);
  }

  all(): readonly Shelf[] {
    return [...this.#shelves.values()];
  }

  async load(connection: DuckDBConnection): Promise<void> {
    await connection.run(tables);
    const shelves = new Map<string, Shelf>();
    this.#nextSeries = 1;
    const removed = await rowsOf(connection, 'SELECT level, before FROM removed');
    const since = removed.map(([level, before]) => [String(level), numberOf(before)]);
    this.since = { ...nothingRemoved, ...Object.fromEntries(since) };
    for (const [id, name] of await rowsOf(connection, 'SELECT id, name FROM measurements ORDER BY id')) {
      const shelf = newShelf(numberOf(id), String(name));
      shelves.set(shelf.measurement, shelf);
      await this.#loadShelf(connection, shelf);
    }
    // Whoever reads meanwhile goes by what was known before.
    this.#shelves = shelves;
  }

  /** The shelf that has room for these samples; made or widened where that is needed. */
  async shelfFor(connection: DuckDBConnection, measurement: string, samples: readonly Sample[]): Promise<Shelf> {
    const shelf = this.#shelves.get(measurement) ?? (await this.#addShelf(connection, measurement));
    for (const { fields } of samples) {
      for (const field in fields) if (!shelf.columns.has(field)) await addColumn(connection, shelf, field);
    }
    return shelf;
  }

  /** The series of each of these samples; those that are new come into the file together. */
  async seriesOf(
    duckdb: DuckDb,
    connection: DuckDBConnection,
    shelf: Shelf,
    samples: readonly Sample[],
  ): Promise<KnownSeries[]> {
    const added: [number, number, string][] = [];
    const series = samples.map(({ tags }) => {
      const key = seriesKey(tags);
      const known = shelf.series.get(key);
      if (known) return known;
      const fresh = { id: this.#nextSeries, tags: tagsOf(key), latest: nothingYet };
      this.#nextSeries += 1;
      shelf.series.set(key, fresh);
      added.push([fresh.id, shelf.id, key]);
      return fresh;
    });
    await appendRows(connection, 'series', added, (rows) => {
      const chunk = duckdb.DuckDBDataChunk.create([duckdb.INTEGER, duckdb.INTEGER, duckdb.VARCHAR], rows.length);
      chunk.setRows(rows);
      return chunk;
    });
    return series;
  }

  async #loadShelf(connection: DuckDBConnection, shelf: Shelf): Promise<void> {
    const fields = await rowsOf(connection, 'SELECT id, name FROM fields WHERE measurement = $1', [shelf.id]);
    for (const [id, name] of fields) shelf.columns.set(String(name), `f${numberOf(id)}`);
    const latest = new Map<number, number>();
    for (const [id, at] of await rowsOf(connection, `SELECT series, max(t) FROM m${shelf.id} GROUP BY series`)) {
      latest.set(numberOf(id), numberOf(at));
    }
    for (const [id, tags] of await rowsOf(connection, 'SELECT id, tags FROM series WHERE measurement = $1', [
      shelf.id,
    ])) {
      const series = { id: numberOf(id), tags: tagsOf(String(tags)), latest: latest.get(numberOf(id)) ?? nothingYet };
      shelf.series.set(String(tags), series);
      this.#nextSeries = Math.max(this.#nextSeries, series.id + 1);
    }
    const rolledUp = await rowsOf(connection, 'SELECT level, until FROM rolled_up WHERE measurement = $1', [shelf.id]);
    const until = rolledUp.map(([level, moment]) => [String(level), numberOf(moment)]);
    shelf.until = { ...shelf.until, ...Object.fromEntries(until) };
    if (rolledUp.length === 0) await addRollUps(connection, shelf);
  }

  async #addShelf(connection: DuckDBConnection, measurement: string): Promise<Shelf> {
    const id = this.#shelves.size;
    await connection.run('INSERT INTO measurements VALUES ($1, $2)', [id, measurement]);
    const shelf = newShelf(id, measurement);
    await addTable(connection, shelf, 'raw');
    await addRollUps(connection, shelf);
    this.#shelves.set(measurement, shelf);
    return shelf;
  }
}

const nothingRemoved: PerLevel<number> = { raw: 0, '5m': 0, '1h': 0 };

function newShelf(id: number, measurement: string): Shelf {
  return { id, measurement, columns: new Map(), series: new Map(), until: { '5m': 0, '1h': 0 } };
}

/** For a measurement that has none; also in a file of a version that had none. */
async function addRollUps(connection: DuckDBConnection, shelf: Shelf): Promise<void> {
  for (const { level } of rollUps) {
    await addTable(connection, shelf, level);
    for (const column of shelf.columns.values()) await addRollUpColumns(connection, shelf, level, column);
    await connection.run('INSERT INTO rolled_up VALUES ($1, $2, 0)', [shelf.id, level]);
  }
}

async function addTable(connection: DuckDBConnection, shelf: Shelf, level: Level): Promise<void> {
  await connection.run(`CREATE TABLE ${tableOf(shelf, level)} (series INTEGER NOT NULL, t BIGINT NOT NULL)`);
}

async function addRollUpColumns(
  connection: DuckDBConnection,
  shelf: Shelf,
  level: RollUp,
  column: string,
): Promise<void> {
  for (const partial of partials) {
    const added = `${partialName(column, partial)} ${columnType(partial)}`;
    await connection.run(`ALTER TABLE ${tableOf(shelf, level)} ADD COLUMN ${added}`);
  }
}

async function addColumn(connection: DuckDBConnection, shelf: Shelf, field: string): Promise<void> {
  const id = shelf.columns.size;
  await connection.run('INSERT INTO fields VALUES ($1, $2, $3)', [shelf.id, id, field]);
  await connection.run(`ALTER TABLE m${shelf.id} ADD COLUMN f${id} DOUBLE`);
  for (const { level } of rollUps) await addRollUpColumns(connection, shelf, level, `f${id}`);
  shelf.columns.set(field, `f${id}`);
}

const tables = `
  CREATE TABLE IF NOT EXISTS measurements (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS fields (measurement INTEGER NOT NULL, id INTEGER NOT NULL, name VARCHAR NOT NULL);
  CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, measurement INTEGER NOT NULL, tags VARCHAR NOT NULL);
  CREATE TABLE IF NOT EXISTS rolled_up
    (measurement INTEGER NOT NULL, level VARCHAR NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (measurement, level));
  CREATE TABLE IF NOT EXISTS removed (level VARCHAR PRIMARY KEY, before BIGINT NOT NULL);
`;

async function rowsOf(connection: DuckDBConnection, sql: string, values: (string | number)[] = []) {
  return (await connection.runAndReadAll(sql, values)).getRows();
}

function tagsOf(key: string): Record<string, string> {
  const pairs: unknown = JSON.parse(key);
  return Object.fromEntries(Array.isArray(pairs) ? pairs : []);
}
