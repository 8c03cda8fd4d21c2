import type { Level } from '../levels.ts';

/** What is kept of a field's points in a bucket, so that buckets can be put together to larger ones. */
export const partials = ['n', 'sum', 'low', 'high', 'first', 'first_at', 'last', 'last_at'] as const;
export type Partial = (typeof partials)[number];

export function columnType(partial: Partial): string {
  if (partial === 'n') return 'INTEGER';
  return partial.endsWith('_at') ? 'BIGINT' : 'DOUBLE';
}

/** The column of a roll-up's table. */
export function partialColumn(field: string, partial: Partial): string {
  return `${field}_${partial}`;
}

/** The same of a level's row; a point is a bucket of one. */
export function partialAt(level: Level, field: string, partial: Partial): string {
  if (level !== 'raw') return partialColumn(field, partial);
  if (partial === 'n') return `CASE WHEN ${field} IS NOT NULL THEN 1 END`;
  return partial.endsWith('_at') ? `CASE WHEN ${field} IS NOT NULL THEN t END` : field;
}

/** Of several buckets of one series. */
export function combined(field: string, partial: Partial): string {
  const own = partialColumn(field, partial);
  switch (partial) {
    case 'n':
    case 'sum':
      return `sum(${own})`;
    case 'low':
    case 'first_at':
      return `min(${own})`;
    case 'high':
    case 'last_at':
      return `max(${own})`;
    case 'first':
      return `arg_min(${own}, ${own}_at)`;
    case 'last':
      return `arg_max(${own}, ${own}_at)`;
  }
}
