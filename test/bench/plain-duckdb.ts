import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, VARCHAR } from '@duckdb/node-api';
import type { Sample } from '../../lib/model/reading.ts';

const rowsInAChunk = 2_048;

/** DuckDB as somebody would use it for one purpose: a wide table of VMs, filled by its appender, asked in SQL. */
export class PlainDuckDb {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  #fields: readonly string[] = [];

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(path: string, memoryMiB: number): Promise<PlainDuckDb> {
    const instance = await DuckDBInstance.create(path, { memory_limit: `${memoryMiB}MiB`, threads: '2' });
    return new PlainDuckDb(instance, await instance.connect());
  }

  async write(samples: readonly Sample[]): Promise<void> {
    if (this.#fields.length === 0) await this.#create(Object.keys(samples[0]?.fields ?? {}));
    const fields = this.#fields;
    await this.#connection.run('BEGIN');
    const appender = await this.#connection.createAppender('vm');
    for (let from = 0; from < samples.length; from += rowsInAChunk) {
      const part = samples.slice(from, from + rowsInAChunk);
      const chunk = DuckDBDataChunk.create([BIGINT, VARCHAR, VARCHAR, ...fields.map(() => DOUBLE)], part.length);
      chunk.setColumnValues(
        0,
        part.map(({ at }) => BigInt(at)),
      );
      chunk.setColumnValues(
        1,
        part.map(({ tags }) => tags.name ?? ''),
      );
      chunk.setColumnValues(
        2,
        part.map(({ tags }) => tags.host ?? ''),
      );
      for (const [index, field] of fields.entries()) {
        chunk.setColumnValues(
          index + 3,
          part.map((sample) => sample.fields[field] ?? null),
        );
      }
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    await this.#connection.run('COMMIT');
  }

  /** @returns how many rows the answer has */
  async ask(sql: string): Promise<number> {
    return (await this.#connection.runAndReadAll(sql)).getColumns()[0]?.length ?? 0;
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #create(fields: readonly string[]): Promise<void> {
    const columns = fields.map((field) => `${field} DOUBLE`).join(', ');
    await this.#connection.run(`CREATE TABLE vm (t BIGINT, name VARCHAR, host VARCHAR, ${columns})`);
    this.#fields = fields;
  }
}
