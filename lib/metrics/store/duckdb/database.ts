import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { VirtflowError } from '../../../model/errors.ts';

export type DuckDb = typeof import('@duckdb/node-api');

/** @throws METRIC_ENGINE_MISSING when the package is not installed, or not for this machine */
export async function loadDuckDb(): Promise<DuckDb> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new VirtflowError(
      'METRIC_ENGINE_MISSING',
      { engine: 'DuckDB', package: '@duckdb/node-api', reason },
      { cause },
    );
  }
}

export interface DuckDbSettings {
  readonly path: string;
  /** How much memory the engine may take for data; results and its own code come on top. */
  readonly memoryMiB: number;
}

/** An open file, whose work is done on threads of its own. */
export class Database {
  readonly duckdb: DuckDb;
  /** So many figures may be kept at once for what has to have all of them: a quarter of the memory, about 32 bytes each. */
  readonly valuesAtOnce: number;
  readonly #instance: DuckDBInstance;
  readonly #works = new Set<Promise<void>>();
  readonly #connections = new Set<DuckDBConnection>();
  #isHurried = false;

  private constructor(duckdb: DuckDb, instance: DuckDBInstance, memoryMiB: number) {
    this.duckdb = duckdb;
    this.valuesAtOnce = (memoryMiB * 2 ** 20) / 4 / 32;
    this.#instance = instance;
  }

  static async open(duckdb: DuckDb, { path, memoryMiB }: DuckDbSettings): Promise<Database> {
    // It makes its files readable by all, so nobody else gets into their directory.
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const instance = await duckdb.DuckDBInstance.create(path, {
      memory_limit: `${memoryMiB}MiB`,
      threads: '2',
      // It fetches nothing from anywhere, and reads no file but its own.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      temp_directory: `${path}.tmp`,
    });
    chmodSync(path, 0o600);
    return new Database(duckdb, instance, memoryMiB);
  }

  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  /** Does something of several steps; the file is not closed before it has ended. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const ended = Promise.withResolvers<void>();
    this.#works.add(ended.promise);
    try {
      return await work();
    } finally {
      this.#works.delete(ended.promise);
      ended.resolve();
    }
  }

  /** Runs something on a connection of its own, which an abort interrupts. */
  async use<T>(work: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#isHurried) throw new Error('it is being closed');
    const connection = await this.connect();
    this.#connections.add(connection);
    const interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      return await work(connection);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      this.#connections.delete(connection);
      connection.closeSync();
    }
  }

  /** Ends what is being asked, so that nobody waits long who closes it. */
  hurry(): void {
    this.#isHurried = true;
    for (const connection of this.#connections) connection.interrupt();
  }

  /**
   * Waits for what is being done: an instance lives as long as a connection of it does, and what a second one writes
   * meanwhile is gone when the first one writes its log into the file.
   */
  async close(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
    this.#instance.closeSync();
  }
}

export function numberOf(value: DuckDBValue | undefined): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0;
}

export function figureOf(value: DuckDBValue | undefined): number | null {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
}
