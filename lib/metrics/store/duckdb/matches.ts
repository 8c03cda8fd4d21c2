import { VirtflowError } from '../../../model/errors.ts';
import { type Database, reasonOf } from './database.ts';

const remembered = 500;

/** What regular expressions find in the values of tags, by the engine's own rules; all panels of a dashboard ask the same. */
export class Matches {
  readonly #known = new Map<string, Promise<ReadonlySet<string>>>();

  /** @throws METRIC_QUERY_INVALID */
  of(database: Database, pattern: string, texts: readonly string[]): Promise<ReadonlySet<string>> {
    const key = JSON.stringify([pattern, texts]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = match(database, pattern, texts);
    if (this.#known.size >= remembered) this.#known.clear();
    this.#known.set(key, found);
    found.catch(() => this.#known.delete(key)); // told to whoever asked
    return found;
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
    throw new VirtflowError('METRIC_QUERY_INVALID', { reason: `/${pattern}/: ${reasonOf(error)}` }, { cause: error });
  }
}
