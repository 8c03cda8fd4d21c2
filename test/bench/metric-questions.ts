import type { StructuredQuery } from '../../lib/metrics/store/structured-query.ts';

const day = 86_400_000;

/** One question, as virtflow is asked it and in SQL over a plain table. */
export interface Question {
  readonly what: string;
  readonly query: StructuredQuery;
  readonly rangeMs: number;
  /** @param from the beginning of the range */
  sql(from: number): string;
}

export function questionsOf(days: number): readonly Question[] {
  const whole = days * day;
  return [
    {
      what: `${days} d, mean of all VMs by 2 h`,
      query: queryOf('mean', '2h', []),
      rangeMs: whole,
      sql: (from) => bucketed('avg(cpu_ratio)', 7_200_000, [], from),
    },
    {
      what: `${days} d, mean of each VM by 2 h`,
      query: queryOf('mean', '2h', ['name']),
      rangeMs: whole,
      sql: (from) => bucketed('avg(cpu_ratio)', 7_200_000, ['name'], from),
    },
    {
      what: `${days} d, highest of one VM by 1 h`,
      query: { ...queryOf('max', '1h', []), tags: [{ key: 'name', operator: '=', value: 'vm-42' }] },
      rangeMs: whole,
      sql: (from) => bucketed('max(cpu_ratio)', 3_600_000, [], from, "AND name = 'vm-42'"),
    },
    {
      what: `${days} d, mean of each VM over all`,
      query: queryOf('mean', undefined, ['name']),
      rangeMs: whole,
      sql: (from) => `SELECT name, avg(cpu_ratio) FROM vm WHERE t >= ${from} GROUP BY name ORDER BY name`,
    },
    {
      what: `${days} d, 95th percentile of each VM over all`,
      query: queryOf('percentile', undefined, ['name'], [95]),
      rangeMs: whole,
      sql: (from) =>
        `SELECT name, quantile_disc(cpu_ratio, 0.95) FROM vm WHERE t >= ${from} GROUP BY name ORDER BY name`,
    },
    {
      what: '24 h, mean of each VM by 1 min',
      query: queryOf('mean', '1m', ['name']),
      rangeMs: day,
      sql: (from) => bucketed('avg(cpu_ratio)', 60_000, ['name'], from),
    },
  ];
}

function queryOf(
  name: string,
  every: string | undefined,
  tags: readonly string[],
  params: number[] = [],
): StructuredQuery {
  return {
    measurement: 'vm',
    select: [
      [
        { type: 'field', params: ['cpu_ratio'] },
        { type: name, params },
      ],
    ],
    groupBy: [
      ...(every === undefined ? [] : [{ type: 'time', params: [every] }]),
      ...tags.map((tag) => ({ type: 'tag', params: [tag] })),
      { type: 'fill', params: ['none'] },
    ],
  };
}

function bucketed(figure: string, widthMs: number, tags: readonly string[], from: number, only = ''): string {
  const groups = [...tags, 'b'].join(', ');
  return `SELECT ${[...tags, `t // ${widthMs} * ${widthMs} AS b`].join(', ')}, ${figure} FROM vm
    WHERE t >= ${from} ${only} GROUP BY ${groups} ORDER BY ${groups}`;
}
