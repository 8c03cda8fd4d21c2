import type { Reading, Segment } from '../levels.ts';
import { type Aggregate, hasLead, type PlanColumn, type QueryPlan } from '../plan.ts';
import { type Partial, partialAt, partialColumn } from './partials.ts';
import { type Shelf, tableOf } from './shelves.ts';

/** A statement of ours; all that comes from outside is bound to it. */
export interface Statement {
  readonly sql: string;
  readonly values: Record<string, bigint | number>;
}

/**
 * Rows `grp, b, c0, c1 …` in order, for the series of the bound lists `series` and `groups`. `shared`: whether a group
 * has several series, so that two of its points may be of the same moment.
 */
export function selectStatement(reading: Reading, shelf: Shelf, shared: boolean, limit: number): Statement {
  const { plan, segments, level } = reading;
  if (level !== 'raw') return selectRolledUp(reading, shelf, shared, limit);
  return selectPoints(plan, shelf, segments[0]?.from ?? plan.from, shared, limit);
}

function selectPoints(plan: QueryPlan, shelf: Shelf, from: number, shared: boolean, limit: number): Statement {
  const columns = plan.columns.map(({ field }) => shelf.columns.get(field));
  const known = [...new Set(columns.filter((column) => column !== undefined))];
  const values: Statement['values'] = { from: BigInt(from), to: BigInt(plan.to), limit: BigInt(limit) };
  const figures = plan.columns.map((column, index) => {
    const name = columns[index] && `r.${columns[index]}`;
    if (!name || from === plan.from || hasLead(column)) return figure(column, name, index, shared, values);
    values.start = BigInt(plan.from);
    return figure(column, `CASE WHEN r.t >= $start THEN ${name} END`, index, shared, values);
  });
  const aggregated = plan.columns[0]?.aggregate !== undefined;
  if (plan.intervalMs !== undefined) values.width = BigInt(plan.intervalMs);
  const time = timeOf(plan, aggregated, 'r.t');
  const sql = `SELECT g.grp, ${time} AS b, ${figures.map((one, index) => `${one} AS c${index}`).join(', ')}
    FROM m${shelf.id} AS r JOIN (SELECT unnest($series) AS series, unnest($groups) AS grp) AS g USING (series)
    WHERE r.t BETWEEN $from AND $to AND (${known.map((column) => `r.${column} IS NOT NULL`).join(' OR ')})
    ${aggregated ? 'GROUP BY grp, b' : ''} ORDER BY grp, b LIMIT $limit`;
  return { sql, values };
}

function timeOf({ intervalMs }: QueryPlan, aggregated: boolean, t: string): string {
  if (intervalMs !== undefined) return `(${t} // $width) * $width`;
  return aggregated ? '$from' : t;
}

/** What is kept of each function's points; a mean is of two. */
const partialsOf: Readonly<Record<string, readonly Partial[]>> = {
  mean: ['n', 'sum'],
  count: ['n'],
  sum: ['sum'],
  min: ['low'],
  max: ['high'],
  spread: ['low', 'high'],
  first: ['first', 'first_at'],
  last: ['last', 'last_at'],
};

/** The same from roll-ups, and from points where a range does not begin or end with a bucket. */
function selectRolledUp({ plan, segments }: Reading, shelf: Shelf, shared: boolean, limit: number): Statement {
  const values: Statement['values'] = { limit: BigInt(limit) };
  if (plan.intervalMs === undefined) values.from = BigInt(plan.from);
  else values.width = BigInt(plan.intervalMs);
  const fields = plan.columns.map(({ field }) => shelf.columns.get(field));
  const needed = new Map<string, { readonly field: string; readonly partial: Partial }>();
  for (const [index, field] of fields.entries()) {
    if (field === undefined) continue;
    for (const partial of ['n', ...(partialsOf[plan.columns[index]?.aggregate?.name ?? ''] ?? [])] as const)
      needed.set(partialColumn(field, partial), { field, partial });
  }
  const partOf = ({ level, from, to, lead }: Segment, index: number) => {
    values[`from${index}`] = BigInt(from);
    values[`to${index}`] = BigInt(to);
    const columns = [...needed].map(([name, { field, partial }]) => `${partialAt(level, field, partial)} AS ${name}`);
    return `SELECT series, t, ${lead} AS lead, ${columns.join(', ')} FROM ${tableOf(shelf, level)}
      WHERE t >= $from${index} AND t < $to${index}`;
  };
  const parts = segments.map(partOf).join(' UNION ALL ');
  const figures = plan.columns.map((column, index) => {
    const field = fields[index];
    if (field === undefined || !column.aggregate) return 'NULL::DOUBLE';
    const of = (partial: Partial) => {
      const name = `p.${partialColumn(field, partial)}`;
      return hasLead(column) ? name : `CASE WHEN NOT p.lead THEN ${name} END`;
    };
    return combinedOf(column.aggregate, of, shared);
  });
  const known = [...new Set(fields.filter((field) => field !== undefined))];
  const sql = `SELECT g.grp, ${timeOf(plan, true, 'p.t')} AS b, ${figures.map((one, index) => `${one} AS c${index}`).join(', ')}
    FROM (${parts}) AS p JOIN (SELECT unnest($series) AS series, unnest($groups) AS grp) AS g USING (series)
    WHERE ${known.map((field) => `p.${partialColumn(field, 'n')} IS NOT NULL`).join(' OR ')}
    GROUP BY grp, b ORDER BY grp, b LIMIT $limit`;
  return { sql, values };
}

function combinedOf({ name }: Aggregate, of: (partial: Partial) => string, shared: boolean): string {
  switch (name) {
    case 'mean':
      return `sum(${of('sum')}) / sum(${of('n')})`;
    case 'count':
      return `sum(${of('n')})::BIGINT`;
    case 'min':
      return `min(${of('low')})`;
    case 'max':
      return `max(${of('high')})`;
    case 'spread':
      return `max(${of('high')}) - min(${of('low')})`;
    case 'first': {
      const [value, at] = [of('first'), of('first_at')];
      return `arg_min(${value}, ${shared ? `{'t': ${at}, 'v': -${value}}` : at}) FILTER (${value} IS NOT NULL)`;
    }
    case 'last': {
      const [value, at] = [of('last'), of('last_at')];
      return `arg_max(${value}, ${shared ? `{'t': ${at}, 'v': ${value}}` : at}) FILTER (${value} IS NOT NULL)`;
    }
    default:
      return `sum(${of('sum')})`;
  }
}

function figure(
  { aggregate }: PlanColumn,
  column: string | undefined,
  index: number,
  shared: boolean,
  values: Statement['values'],
): string {
  if (column === undefined) return 'NULL::DOUBLE';
  if (!aggregate) return column;
  if (aggregate.name === 'percentile') values[`rank${index}`] = aggregate.rank;
  return aggregateOf(aggregate, column, `$rank${index}`, shared);
}

function aggregateOf({ name }: Aggregate, column: string, rank: string, shared: boolean): string {
  switch (name) {
    case 'mean':
      return `avg(${column})`;
    case 'count':
      return `nullif(count(${column}), 0)`;
    case 'stddev':
      return `stddev_samp(${column})`;
    case 'spread':
      return `max(${column}) - min(${column})`;
    case 'first':
      return `arg_min(${column}, ${shared ? `{'t': r.t, 'v': -${column}}` : 'r.t'}) FILTER (${column} IS NOT NULL)`;
    case 'last':
      return `arg_max(${column}, ${shared ? `{'t': r.t, 'v': ${column}}` : 'r.t'}) FILTER (${column} IS NOT NULL)`;
    case 'percentile':
      return nearestRank(column, rank);
    default:
      return `${name}(${column})`;
  }
}

/** As InfluxDB counts: the point at floor(n · p / 100 + 0.5), from 1; there is none where that is 0. */
function nearestRank(column: string, rank: string): string {
  const list = `list(${column}) FILTER (${column} IS NOT NULL)`;
  return `list_sort(${list})[nullif(CAST(floor(count(${column}) * ${rank} / 100 + 0.5) AS BIGINT), 0)]`;
}
