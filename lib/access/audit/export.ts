import type { AuditRow } from './chain.ts';

/** A row as a line of JSON. */
export function lineOf({ entry, hash }: AuditRow): string {
  return `{"hash":"${hash}","entry":${entry}}`;
}

/** Reads what `lineOf` wrote; its place tells the number. What is no such line becomes a row that does not hold. */
export function* rowsOf(lines: Iterable<string>): Generator<AuditRow> {
  let sequence = 0;
  for (const line of lines) {
    sequence += 1;
    const [, hash = '', entry = ''] = /^\{"hash":"([0-9a-f]{64})","entry":(.*)\}$/.exec(line) ?? [];
    yield { sequence, hash, entry };
  }
}
