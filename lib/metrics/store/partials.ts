import type { AggregateName } from './plan.ts';

/** What a roll-up keeps of a field's points in a bucket, so that buckets can be put together to larger ones. */
export const partials = ['n', 'sum', 'low', 'high', 'first', 'last'] as const;
export type Partial = (typeof partials)[number];

/** The column of a roll-up that holds it. */
export function partialName(field: string, partial: Partial): string {
  return `${field}_${partial}`;
}

/** What a function is told of; a mean is of two. */
const partialsOf: Readonly<{ [name in AggregateName]?: readonly Partial[] }> = {
  mean: ['n', 'sum'],
  count: ['n'],
  sum: ['sum'],
  min: ['low'],
  max: ['high'],
  spread: ['low', 'high'],
  first: ['first'],
  last: ['last'],
};

/** Undefined for a function that needs the points themselves. */
export function partialsFor(aggregate: { readonly name: string } | undefined): readonly Partial[] | undefined {
  const name = aggregate?.name ?? '';
  return Object.entries(partialsOf).find(([known]) => known === name)?.[1];
}
