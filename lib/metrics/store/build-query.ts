import type { Condition } from './plan.ts';
import type { StructuredQuery } from './structured-query.ts';

/** The few words that most queries are made of. */
export interface QueryWords {
  readonly measurement: string;
  readonly field: string;
  /** `mean`, `max` …, or one with a number: `percentile 95`. */
  readonly function: string;
  /** Tags: a series for each of their values. */
  readonly by: readonly string[];
  readonly where: readonly Pick<Condition, 'key' | 'operator' | 'value'>[];
  /** A value for so long each, such as `5m`; one over the whole range without it. */
  readonly every: string | undefined;
}

/** The query that Grafana's builder would store for these words; buckets without a figure are left out. */
export function buildQuery({ measurement, field, by, where, every, ...words }: QueryWords): StructuredQuery {
  const [type = '', ...numbers] = words.function.split(' ');
  return {
    measurement,
    select: [
      [
        { type: 'field', params: [field] },
        { type, params: numbers.map(Number) },
      ],
    ],
    groupBy: [
      ...(every === undefined ? [] : [{ type: 'time', params: [every] }]),
      ...by.map((tag) => ({ type: 'tag', params: [tag] })),
      { type: 'fill', params: ['none'] },
    ],
    tags: [...where],
  };
}

/** Reads `tag=value`, the value to the end; undefined when it is not that. */
export function conditionIn(text: string): QueryWords['where'][number] | undefined {
  const [, key, value] = /^\s*([^=\s]+)\s*=(.*)$/s.exec(text) ?? [];
  return key === undefined || value === undefined ? undefined : { key, operator: '=', value: value.trim() };
}
