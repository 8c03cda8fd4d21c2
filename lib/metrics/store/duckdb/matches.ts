import { hash } from 'node:crypto';
import { VirtflowError } from '../../../model/errors.ts';
import { type Database, reasonOf } from './database.ts';

/** So many texts in all that something was found in; their names and patterns are told apart by a digest. */
const remembered = 200_000;

/** What regular expressions find in the values of tags, by the engine's own rules; all panels of a dashboard ask the same. */
export class Matches {
  readonly #known = new Map<string, Promise<ReadonlySet<string>>>();
  #remembered = 0;

  /** @throws METRIC_QUERY_INVALID */
  of(database: Database, pattern: string, texts: readonly string[]): Promise<ReadonlySet<string>> {
    const key = hash('sha256', JSON.stringify([pattern, texts]));
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#remembered >= remembered) this.#forget();
    const found = match(database, pattern, texts);
    this.#known.set(key, found);
    found.then(
      ({ size }) => {
        this.#remembered += 1 + size;
      },
      () => this.#known.delete(key), // told to whoever asked
    );
    return found;
  }

  #forget(): void {
    this.#known.clear();
    this.#remembered = 0;
  }
}

async function match(database: Database, pattern: string, texts: readonly string[]): Promise<ReadonlySet<string>> {
  const { LIST, VARCHAR, listValue } = database.duckdb;
  const sql = 'SELECT text FROM (SELECT unnest($texts) AS text) WHERE regexp_matches(text, $pattern)';
  try {
    const rows = await database.use(async (connection) => {
      const values = { pattern, texts: listValue([...texts]) };
      return (await connection.runAndReadAll(sql, values, { texts: LIST(VARCHAR) })).getRows();
    });
    return new Set(rows.map(([text]) => String(text)));
  } catch (error) {
    // Anything else is wrong with the store, not with what was asked.
    if (!reasonOf(error).startsWith('Invalid Input Error')) throw error;
    throw new VirtflowError('METRIC_QUERY_INVALID', { reason: `/${pattern}/: ${reasonOf(error)}` }, { cause: error });
  }
}
