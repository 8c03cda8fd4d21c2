import { readConditions, type TagCondition } from './conditions.ts';

/** What an annotation asks for: points of a measurement, one by one. */
export interface EventQuery {
  readonly fields: readonly string[];
  readonly measurement: string;
  readonly conditions: readonly TagCondition[];
}

const form = /^\s*SELECT\s+(.+?)\s+FROM\s+"?(\w+)"?\s+WHERE\s+\$timeFilter(?:\s+AND\s+(.+?))?\s*$/is;

/** Reads `SELECT "action", "count" FROM "operation" WHERE $timeFilter AND "connection" =~ /^$connection$/`. */
export function readEventQuery(text: string): EventQuery | undefined {
  const [, list = '', measurement, where = ''] = form.exec(text) ?? [];
  const fields = list.split(',').map((field) => /^\s*"?(\w+)"?\s*$/.exec(field)?.[1]);
  const conditions = readConditions(where);
  if (measurement === undefined || conditions === undefined) return undefined;
  const known = fields.filter((field) => field !== undefined);
  return known.length === fields.length ? { fields: known, measurement, conditions } : undefined;
}
