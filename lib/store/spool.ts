import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { guarded } from './sqlite/failure.ts';

export interface SpoolEntry {
  readonly items: number;
  readonly body: string;
}

export interface SpooledEntry extends SpoolEntry {
  readonly id: number;
}

/**
 * A queue on disk, first in, first out, for what must reach a server that may be away: an entry is on disk when `put`
 * returns, and stays until it is removed. Over its limit the oldest entries are given up.
 */
export class Spool {
  readonly path: string;
  readonly #limitBytes: number;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  #items: number;
  #bytes: number;
  /** The last entry that was handed out; what is under way is not given up. */
  #handedOut = 0;

  /** @throws STORE_BROKEN, STORE_FULL */
  constructor(path: string, limitBytes: number) {
    this.path = path;
    this.#limitBytes = limitBytes;
    this.#database = guarded(path, () => open(path));
    this.#statements = prepare(this.#database);
    const totals = guarded(path, () => this.#statements.totals.get());
    this.#items = number(totals?.items);
    this.#bytes = number(totals?.bytes);
  }

  /** How many items (not entries) wait. */
  get items(): number {
    return this.#items;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Returns when all is on disk, and tells how many older items were given up for it. @throws STORE_FULL, STORE_BROKEN */
  put(entries: readonly SpoolEntry[]): number {
    const before = { items: this.#items, bytes: this.#bytes };
    return guarded(this.path, () => {
      try {
        this.#database.exec('BEGIN IMMEDIATE');
        for (const entry of entries) this.#insert(entry);
        const dropped = this.#dropOldest();
        this.#database.exec('COMMIT');
        return dropped;
      } catch (error) {
        this.#items = before.items;
        this.#bytes = before.bytes;
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** The oldest entries, as many as hold about this many items, but at least one. */
  peek(items: number): readonly SpooledEntry[] {
    const entries: SpooledEntry[] = [];
    let count = 0;
    guarded(this.path, () => {
      for (const row of this.#statements.oldest.iterate(0)) {
        const entry = { id: number(row.id), items: number(row.items), body: String(row.body) };
        if (entries.length > 0 && count + entry.items > items) break;
        entries.push(entry);
        count += entry.items;
      }
    });
    this.#handedOut = entries.at(-1)?.id ?? 0;
    return entries;
  }

  /** @throws STORE_FULL, STORE_BROKEN */
  remove(entries: readonly SpooledEntry[]): void {
    const last = entries.at(-1);
    if (!last) return;
    guarded(this.path, () => this.#statements.remove.run(last.id));
    for (const entry of entries) this.#forget(entry.items, Buffer.byteLength(entry.body));
    if (this.#items === 0) guarded(this.path, () => this.#database.exec('PRAGMA incremental_vacuum'));
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #insert(entry: SpoolEntry): void {
    const bytes = Buffer.byteLength(entry.body);
    this.#statements.insert.run(entry.items, bytes, entry.body);
    this.#items += entry.items;
    this.#bytes += bytes;
  }

  #dropOldest(): number {
    const before = this.#items;
    let last = 0;
    if (this.#bytes <= this.#limitBytes) return 0;
    for (const row of this.#statements.sizes.iterate(this.#handedOut)) {
      if (this.#bytes <= this.#limitBytes) break;
      last = number(row.id);
      this.#forget(number(row.items), number(row.bytes));
    }
    this.#statements.drop.run(this.#handedOut, last);
    return before - this.#items;
  }

  #forget(items: number, bytes: number): void {
    this.#items -= items;
    this.#bytes -= bytes;
  }
}

interface Statements {
  readonly insert: StatementSync;
  readonly oldest: StatementSync;
  readonly sizes: StatementSync;
  readonly remove: StatementSync;
  readonly drop: StatementSync;
  readonly totals: StatementSync;
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  // auto_vacuum has to come before the first table; FULL syncs each commit, so a power cut loses nothing.
  database.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec(
    'CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY AUTOINCREMENT, items INTEGER, bytes INTEGER, body TEXT)',
  );
  return database;
}

function prepare(database: DatabaseSync): Statements {
  return {
    insert: database.prepare('INSERT INTO entries (items, bytes, body) VALUES (?, ?, ?)'),
    oldest: database.prepare('SELECT id, items, body FROM entries WHERE id > ? ORDER BY id'),
    sizes: database.prepare('SELECT id, items, bytes FROM entries WHERE id > ? ORDER BY id'),
    remove: database.prepare('DELETE FROM entries WHERE id <= ?'),
    drop: database.prepare('DELETE FROM entries WHERE id > ? AND id <= ?'),
    totals: database.prepare('SELECT total(items) AS items, total(bytes) AS bytes FROM entries'),
  };
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
