import type { Level } from '../levels.ts';
import { type Partial, partialName } from '../partials.ts';

export function columnType(partial: Partial): string {
  return partial === 'n' ? 'INTEGER' : 'DOUBLE';
}

/** What a level's row has of a field; a point is a bucket of one. */
export function partialAt(level: Level, field: string, partial: Partial): string {
  if (level !== 'raw') return partialName(field, partial);
  return partial === 'n' ? `CASE WHEN ${field} IS NOT NULL THEN 1 END` : field;
}

/**
 * Of several buckets; those without a figure do not count.
 * @param order what says which is first and last; the times of the buckets where they are of one series
 */
export function combined(
  partial: Partial,
  own: string,
  order: { readonly first: string; readonly last: string },
): string {
  switch (partial) {
    case 'n':
    case 'sum':
      return `sum(${own})`;
    case 'low':
      return `min(${own})`;
    case 'high':
      return `max(${own})`;
    case 'first':
      return `arg_min(${own}, ${order.first})`;
    case 'last':
      return `arg_max(${own}, ${order.last})`;
  }
}
