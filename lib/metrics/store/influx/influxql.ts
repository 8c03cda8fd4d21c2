import type { Segment } from '../levels.ts';
import {
  type Aggregate,
  type Condition,
  type Fill,
  type PlanColumn,
  pointsWanted,
  type QueryPlan,
  type Transform,
} from '../plan.ts';

/** A name in InfluxQL. */
export function identifier(name: string): string {
  return `"${escaped(name).replaceAll('"', '\\"')}"`;
}

/** A text in InfluxQL. */
export function literal(text: string): string {
  return `'${escaped(text).replaceAll("'", "\\'")}'`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/**
 * A slash would end it, so each gets a backslash; a backslash at the end would take the closing slash for itself, whatever
 * stands before it. A line break cannot be written but as its escape.
 */
function regex(pattern: string): string {
  const closed = pattern.endsWith('\\') ? `${pattern}(?:)` : pattern;
  return `/${closed.replaceAll('/', '\\/').replaceAll('\n', '\\n')}/`;
}

/** One pair of tags' values, all of which have to hold. */
export type TagPairs = Readonly<Record<string, string>>;

/** How many rows of a series, and how many series, are wanted at most. */
export interface Limits {
  readonly rows: number;
  readonly series?: number;
}

/**
 * The statement for a plan: columns `c0`, `c1` … in order of time, of the plan's order where not all points are wanted. It is put together from what the plan holds, each
 * name and text quoted. `only`: series must have one of these pairs of tags.
 */
export function selectStatement(plan: QueryPlan, only: readonly TagPairs[] | undefined, limits: Limits): string {
  const columns = plan.columns.map((column, index) => `${columnText(column)} AS ${identifier(`c${index}`)}`);
  const groups = plan.groupTags.map(identifier);
  const order = pointsWanted(plan) === undefined ? 'ASC' : plan.order;
  if (plan.intervalMs !== undefined) groups.unshift(`time(${plan.intervalMs}ms)`);
  return [
    `SELECT ${columns.join(', ')} FROM ${source(plan)}`,
    `WHERE ${where(plan, only, plan.from, plan.to)}`,
    groups.length === 0 ? '' : `GROUP BY ${groups.join(', ')}`,
    plan.intervalMs === undefined ? '' : fillText(plan.fill),
    `ORDER BY time ${order} ${limitText(limits)}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** The statement for a part of a plan's range, from another source and of other columns; by bucket and group. */
export function segmentStatement(
  plan: QueryPlan,
  columns: readonly string[],
  from: string,
  segment: Segment,
  only: readonly TagPairs[] | undefined,
  limits: Limits,
): string {
  const groups = plan.groupTags.map(identifier);
  if (plan.intervalMs !== undefined) groups.unshift(`time(${plan.intervalMs}ms)`);
  const grouped = groups.length === 0 ? '' : `GROUP BY ${groups.join(', ')}`;
  const fill = plan.intervalMs === undefined ? '' : 'fill(none)';
  const range = where(plan, only, segment.from, segment.to - 1);
  const limited = `ORDER BY time ASC ${limitText(limits)}`;
  return `SELECT ${columns.join(', ')} FROM ${from} WHERE ${range} ${grouped} ${fill} ${limited}`;
}

function limitText({ rows, series }: Limits): string {
  return series === undefined ? `LIMIT ${rows}` : `LIMIT ${rows} SLIMIT ${series}`;
}

function source({ policy, measurement }: QueryPlan): string {
  return policy === undefined ? identifier(measurement) : `${identifier(policy)}.${identifier(measurement)}`;
}

/** The server begins earlier by itself where a transformation needs that. */
function where(plan: QueryPlan, only: readonly TagPairs[] | undefined, from: number, to: number): string {
  const parts = [`time >= ${from}ms`, `time <= ${to}ms`];
  if (plan.conditions.length > 0) parts.unshift(`(${conditionsText(plan.conditions)})`);
  if (only) parts.unshift(`(${only.map(pairsText).join(' OR ')})`);
  return parts.join(' AND ');
}

function pairsText(pairs: TagPairs): string {
  const parts = Object.entries(pairs).map(([key, value]) => `${identifier(key)} = ${literal(value)}`);
  return `(${parts.join(' AND ')})`;
}

export function conditionsText(conditions: readonly Condition[]): string {
  return conditions
    .map(({ key, operator, value, join }, index) => {
      const compared = operator === '=' || operator === '!=' ? literal(value) : regex(value);
      return `${index === 0 ? '' : `${join} `}${identifier(key)} ${operator} ${compared}`;
    })
    .join(' ');
}

function columnText({ field, aggregate, transform, math }: PlanColumn): string {
  const inner = aggregate ? aggregateText(aggregate, identifier(field)) : identifier(field);
  const outer = transform ? transformText(transform, inner) : inner;
  return math.reduce((text, { operator, number }) => `(${text} ${operator} ${numberText(number)})`, outer);
}

function aggregateText(aggregate: Aggregate, field: string): string {
  if (aggregate.name === 'percentile') return `percentile(${field}, ${numberText(aggregate.rank)})`;
  return `${aggregate.name}(${field})`;
}

function transformText(transform: Transform, inner: string): string {
  switch (transform.name) {
    case 'derivative':
    case 'non_negative_derivative':
      return `${transform.name}(${inner}, ${transform.unitMs}ms)`;
    case 'moving_average':
      return `moving_average(${inner}, ${transform.points})`;
    default:
      return `${transform.name}(${inner})`;
  }
}

function fillText(fill: Fill): string {
  return `fill(${fill.type === 'number' ? numberText(fill.number) : fill.type})`;
}

/** InfluxQL reads no exponents. */
function numberText(number: number): string {
  const text = String(number);
  return text.includes('e') ? number.toFixed(20).replace(/\.?0+$/, '') : text;
}
