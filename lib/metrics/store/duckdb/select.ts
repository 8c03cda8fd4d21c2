import type { Reading } from '../levels.ts';
import { type Aggregate, hasLead, type PlanColumn, pointsWanted, type QueryPlan } from '../plan.ts';
import { selectRolledUp } from './select-rolled-up.ts';
import type { Shelf } from './shelves.ts';
import { bucketTime, type Statement } from './statement.ts';

/**
 * Rows `grp, b, c0, c1 …` in order, for the series of the bound lists `series` and `groups`. `shared`: whether a group
 * has several series, so that two of its points may be of the same moment.
 */
export function selectStatement(reading: Reading, shelf: Shelf, shared: boolean, limit: number): Statement {
  const { plan, segments, level } = reading;
  if (level !== 'raw') return selectRolledUp(reading, shelf, shared, limit);
  return selectPoints(plan, shelf, segments[0]?.from ?? plan.from, shared, limit);
}

/** Rows `grp, n`: how many points the groups of the bound lists have in a range. */
export function pointsStatement(shelf: Shelf, from: number, to: number): Statement {
  const sql = `SELECT g.grp, count(*) FROM m${shelf.id} AS r
    JOIN (SELECT unnest($series) AS series, unnest($groups) AS grp) AS g USING (series)
    WHERE r.t BETWEEN $from AND $to GROUP BY g.grp`;
  return { sql, values: { from: BigInt(from), to: BigInt(to) } };
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
  const wanted = pointsWanted(plan);
  if (wanted !== undefined) values.wanted = BigInt(wanted);
  const nearest = `QUALIFY row_number() OVER (PARTITION BY g.grp ORDER BY r.t ${plan.order}) <= $wanted`;
  if (plan.intervalMs !== undefined) values.width = BigInt(plan.intervalMs);
  const time = bucketTime(plan, 'r.t');
  const sql = `SELECT g.grp, ${time} AS b, ${figures.map((one, index) => `${one} AS c${index}`).join(', ')}
    FROM m${shelf.id} AS r JOIN (SELECT unnest($series) AS series, unnest($groups) AS grp) AS g USING (series)
    WHERE r.t BETWEEN $from AND $to AND (${known.map((column) => `r.${column} IS NOT NULL`).join(' OR ')})
    ${aggregated ? 'GROUP BY grp, b' : ''} ${wanted === undefined ? '' : nearest} ORDER BY grp, b LIMIT $limit`;
  return { sql, values };
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
