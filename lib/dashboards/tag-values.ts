import { readConditions, type TagCondition } from './conditions.ts';

/** What a variable asks for: the values of a tag. */
export interface TagValuesQuery {
  readonly measurement: string;
  readonly tag: string;
  readonly conditions: readonly TagCondition[];
}

const form = /^\s*SHOW\s+TAG\s+VALUES\s+FROM\s+"?(\w+)"?\s+WITH\s+KEY\s*=\s*"?(\w+)"?(?:\s+WHERE\s+(.+?))?\s*;?\s*$/is;

/**
 * Reads `SHOW TAG VALUES FROM "vm" WITH KEY = "name" WHERE "host" =~ /^$host$/`, alone or in the object that newer
 * Grafanas store; undefined when it is another query.
 */
export function readTagValues(query: unknown): TagValuesQuery | undefined {
  const text = typeof query === 'string' ? query : textIn(query);
  const [, measurement, tag, where = ''] = form.exec(text) ?? [];
  const conditions = readConditions(where);
  return measurement && tag && conditions ? { measurement, tag, conditions } : undefined;
}

function textIn(query: unknown): string {
  if (typeof query !== 'object' || query === null || !('query' in query)) return '';
  return typeof query.query === 'string' ? query.query : '';
}
