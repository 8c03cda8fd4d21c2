import { aliasOf } from './alias.ts';
import type { Fill, MathStep, PlanColumn, QueryPlan, Transform } from './plan.ts';
import { hasLead } from './plan.ts';
import type { QueryFrame } from './result.ts';

export type Values = (number | null)[];

/** What a store found of one series: rows in order of time, a list of values for each column of the plan. */
export interface Rows {
  readonly tags: Readonly<Record<string, string>>;
  readonly times: readonly number[];
  readonly values: readonly Values[];
}

/**
 * Makes the frame of what a store found: fills buckets that are missing, transforms, reckons, orders and limits, by the
 * rules of InfluxDB 1.x. Undefined when nothing is left.
 */
export function frameOf(plan: QueryPlan, found: Rows): QueryFrame | undefined {
  const filled = plan.intervalMs === undefined ? found : fillRows(plan, plan.intervalMs, found);
  const values = plan.columns.map((column, index) => transformed(column, filled.times, filled.values[index] ?? []));
  const rows = keptRows(plan, filled.times, values, found.values);
  const kept = {
    tags: found.tags,
    times: rows.map((row) => filled.times[row] ?? 0),
    values: plan.columns.map((column, index) => {
      const own = rows.map((row) => values[index]?.[row] ?? null);
      return reckoned(plan, column, own);
    }),
  };
  return finish(plan, kept);
}

/** Orders, limits and names what has been computed already. */
export function finish(plan: QueryPlan, { tags, times, values }: Rows): QueryFrame | undefined {
  if (times.length === 0) return undefined;
  const ordered = <T>(list: readonly T[]) => (plan.order === 'DESC' ? list.toReversed() : list).slice(0, plan.limit);
  const { measurement } = plan;
  return {
    measurement,
    tags,
    times: ordered(times),
    columns: plan.columns.map(({ name }, index) => ({
      column: name,
      name: aliasOf(plan.alias, { measurement, column: name, tags }),
      values: ordered(values[index] ?? []),
    })),
  };
}

/** A transformation leaves out what it has no value for; without one, empty buckets are shown as the filling says. */
function keptRows(
  plan: QueryPlan,
  times: readonly number[],
  values: readonly Values[],
  found: readonly Values[],
): number[] {
  const first = plan.intervalMs === undefined ? plan.from : bucketOf(plan.from, plan.intervalMs);
  const hasFigures = (index: number) => (found[index] ?? []).some((value) => value !== null);
  const showsEmpty =
    plan.intervalMs !== undefined &&
    plan.fill.type !== 'none' &&
    plan.columns.some(({ transform }, index) => !transform && hasFigures(index));
  const rows: number[] = [];
  for (let row = 0; row < times.length; row++) {
    if ((times[row] ?? 0) < first) continue;
    if (showsEmpty || values.some((column) => (column[row] ?? null) !== null)) rows.push(row);
  }
  return rows;
}

export function bucketOf(at: number, intervalMs: number): number {
  return at - (at % intervalMs);
}

/** The first moment whose points are read. */
export function readFrom(plan: QueryPlan): number {
  return plan.columns.some(hasLead) ? Math.max(0, plan.from - (plan.intervalMs ?? 0)) : plan.from;
}

function fillRows(plan: QueryPlan, intervalMs: number, found: Rows): Rows {
  if (plan.fill.type === 'none') return found;
  const first = bucketOf(readFrom(plan), intervalMs);
  const count = Math.floor((plan.to - first) / intervalMs) + 1;
  const times = Array.from({ length: count }, (_, index) => first + index * intervalMs);
  const inRange = (bucketOf(plan.from, intervalMs) - first) / intervalMs;
  const values = found.values.map((figures, index) => {
    // What a series has no figure of is not filled.
    if (figures.every((value) => value === null)) return new Array<null>(count).fill(null);
    const dense: Values = new Array<number | null>(count).fill(null);
    for (let row = 0; row < found.times.length; row++) {
      dense[((found.times[row] ?? 0) - first) / intervalMs] = figures[row] ?? null;
    }
    const column = plan.columns[index];
    const before = column && hasLead(column) ? 0 : inRange;
    const counts = column?.aggregate?.name === 'count';
    const fill: Fill = counts && plan.fill.type === 'null' ? { type: 'number', number: 0 } : plan.fill;
    const filled = fillColumn(dense.slice(before), fill).map((value) =>
      counts && value !== null ? Math.trunc(value) : value,
    );
    return [...dense.slice(0, before), ...filled];
  });
  return { tags: found.tags, times, values };
}

function fillColumn(values: Values, fill: Fill): Values {
  switch (fill.type) {
    case 'number':
      return values.map((value) => value ?? fill.number);
    case 'previous':
      return withPrevious(values);
    case 'linear':
      return withLines(values);
    default:
      return values;
  }
}

function withPrevious(values: Values): Values {
  let last: number | null = null;
  return values.map((value) => {
    last = value ?? last;
    return last;
  });
}

function withLines(values: Values): Values {
  const filled = [...values];
  let from = -1;
  for (let to = 0; to < values.length; to++) {
    const end = values[to] ?? null;
    if (end === null) continue;
    const start = values[from] ?? null;
    if (start !== null) {
      for (let at = from + 1; at < to; at++) filled[at] = start + ((end - start) * (at - from)) / (to - from);
    }
    from = to;
  }
  return filled;
}

function transformed({ transform }: PlanColumn, times: readonly number[], values: Values): Values {
  return transform ? transformColumn(transform, times, values) : values;
}

/** Where a column has no value but another one of the row has, the filling stands for it. */
function reckoned({ fill, intervalMs }: QueryPlan, { math }: PlanColumn, values: Values): Values {
  const filled = intervalMs === undefined || fill.type === 'linear' ? values : fillColumn(values, fill);
  return filled.map((value) => (value === null ? null : finite(math.reduce(reckon, value))));
}

function reckon(value: number, { operator, number }: MathStep): number {
  switch (operator) {
    case '+':
      return value + number;
    case '-':
      return value - number;
    case '*':
      return value * number;
    case '/':
      return value / number;
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** From one value to the next; where there is none, nothing is reckoned. */
function transformColumn(transform: Transform, times: readonly number[], values: Values): Values {
  const step = stepOf(transform);
  return values.map((value, row) => (value === null ? null : step(value, times[row] ?? 0)));
}

type Step = (value: number, at: number) => number | null;

function stepOf(transform: Transform): Step {
  switch (transform.name) {
    case 'derivative':
    case 'non_negative_derivative':
      return derivative(transform.unitMs, transform.name === 'non_negative_derivative');
    case 'difference':
      return difference();
    case 'cumulative_sum':
      return cumulativeSum();
    case 'moving_average':
      return movingAverage(transform.points);
  }
}

function derivative(unitMs: number, nonNegative: boolean): Step {
  let last: { readonly value: number; readonly at: number } | undefined;
  return (value, at) => {
    const before = last;
    if (before?.at === at) return null;
    last = { value, at };
    if (!before) return null;
    const rate = ((value - before.value) * unitMs) / (at - before.at);
    return nonNegative && rate < 0 ? null : rate;
  };
}

function difference(): Step {
  let last: { readonly value: number; readonly at: number } | undefined;
  return (value, at) => {
    const before = last;
    if (before?.at === at) return null;
    last = { value, at };
    return before ? value - before.value : null;
  };
}

function cumulativeSum(): Step {
  let sum = 0;
  return (value) => {
    sum += value;
    return sum;
  };
}

function movingAverage(points: number): Step {
  const window: number[] = [];
  let next = 0;
  return (value) => {
    window[next] = value;
    next = (next + 1) % points;
    return window.length < points ? null : window.reduce((sum, one) => sum + one, 0) / points;
  };
}
