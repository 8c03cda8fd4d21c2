import type { Reading, Segment } from '../levels.ts';
import { type Partial, partialName, partialsFor } from '../partials.ts';
import { type Aggregate, hasLead } from '../plan.ts';
import { combined, partialAt } from './partials.ts';
import { type Shelf, tableOf } from './shelves.ts';
import { bucketTime, type Statement } from './statement.ts';

/** Rows as `selectStatement` has them, from roll-ups, and from points where a range does not begin or end with a bucket. */
export function selectRolledUp({ plan, segments }: Reading, shelf: Shelf, shared: boolean, limit: number): Statement {
  const values: Statement['values'] = { limit: BigInt(limit) };
  if (plan.intervalMs === undefined) values.from = BigInt(plan.from);
  else values.width = BigInt(plan.intervalMs);
  const fields = plan.columns.map(({ field }) => shelf.columns.get(field));
  const needed = new Map<string, { readonly field: string; readonly partial: Partial }>();
  for (const [index, field] of fields.entries()) {
    if (field === undefined) continue;
    for (const partial of ['n', ...(partialsFor(plan.columns[index]?.aggregate) ?? [])] as const)
      needed.set(partialName(field, partial), { field, partial });
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
      const name = `p.${partialName(field, partial)}`;
      return hasLead(column) ? name : `CASE WHEN NOT p.lead THEN ${name} END`;
    };
    return combinedOf(column.aggregate, of, shared);
  });
  const known = [...new Set(fields.filter((field) => field !== undefined))];
  const sql = `SELECT g.grp, ${bucketTime(plan, 'p.t')} AS b, ${figures.map((one, index) => `${one} AS c${index}`).join(', ')}
    FROM (${parts}) AS p JOIN (SELECT unnest($series) AS series, unnest($groups) AS grp) AS g USING (series)
    WHERE ${known.map((field) => `p.${partialName(field, 'n')} IS NOT NULL`).join(' OR ')}
    GROUP BY grp, b ORDER BY grp, b LIMIT $limit`;
  return { sql, values };
}

function combinedOf(aggregate: Aggregate, of: (partial: Partial) => string, shared: boolean): string {
  const figure = (partial: Partial) => {
    const value = of(partial);
    const order = shared ? { first: `{'t': p.t, 'v': -${value}}`, last: `{'t': p.t, 'v': ${value}}` } : byTime;
    return combined(partial, value, order);
  };
  switch (aggregate.name) {
    case 'mean':
      return `${figure('sum')} / ${figure('n')}`;
    case 'count':
      return `${figure('n')}::BIGINT`;
    case 'spread':
      return `${figure('high')} - ${figure('low')}`;
    default:
      return figure(partialsFor(aggregate)?.[0] ?? 'sum');
  }
}

const byTime = { first: 'p.t', last: 'p.t' };
