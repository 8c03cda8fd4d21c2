import { VirtflowError } from '../../model/errors.ts';
import { parseDuration } from './duration.ts';
import { type Aggregate, aggregateNames, type MathStep, type PlanColumn, type Transform } from './plan.ts';
import { interpolate, type Variables } from './variables.ts';

export interface SelectPart {
  readonly type: string;
  readonly params?: readonly (string | number)[];
}

interface Draft {
  field: string;
  aggregate: Aggregate | undefined;
  transform: Transform | undefined;
  math: MathStep[];
  alias: string;
}

/**
 * Reads the columns of a query: each a field, a function or none, a transformation or none, reckonings, an alias, in
 * this order. @throws METRIC_QUERY_INVALID
 */
export function columnsOf(
  select: readonly (readonly SelectPart[])[],
  variables: Variables,
  intervalMs: number,
): PlanColumn[] {
  const drafts = select.map((parts) => readColumn(parts, variables, intervalMs));
  const aggregated = drafts.filter(({ aggregate }) => aggregate).length;
  if (aggregated > 0 && aggregated < drafts.length) {
    throw invalid('some columns have a function such as mean and others have none');
  }
  const transformed = drafts.filter(({ transform }) => transform).length;
  if (aggregated === 0 && transformed > 0 && transformed < drafts.length) {
    throw invalid('some columns are rates of change of points and others are the points themselves');
  }
  const used = new Map<string, number>();
  return drafts.map(({ alias, ...draft }) => ({ ...draft, name: ownName(alias || nameOf(draft), used) }));
}

function readColumn(parts: readonly SelectPart[], variables: Variables, intervalMs: number): Draft {
  const [first, ...rest] = parts;
  if (first?.type !== 'field') throw invalid('a column begins with a field');
  const field = textOf(first, variables).replace(/::field$/, '');
  if (field === '' || field === '*') throw invalid('a column is of one field, by its name');
  const draft: Draft = { field, aggregate: undefined, transform: undefined, math: [], alias: '' };
  for (const part of rest) addPart(draft, part, variables, intervalMs);
  return draft;
}

function addPart(draft: Draft, part: SelectPart, variables: Variables, intervalMs: number): void {
  const aggregate = aggregateOf(part, variables);
  const transform = aggregate ? undefined : transformOf(part, variables, intervalMs);
  if (aggregate) {
    if (draft.aggregate || draft.transform || draft.math.length > 0) throw invalid(`"${part.type}" stands too late`);
    draft.aggregate = aggregate;
  } else if (transform) {
    if (draft.transform || draft.math.length > 0) throw invalid(`"${part.type}" stands too late`);
    draft.transform = transform;
  } else if (part.type === 'math') draft.math.push(mathOf(textOf(part, variables)));
  else if (part.type === 'alias') draft.alias = textOf(part, variables);
  else throw invalid(`there is no function "${part.type}"`);
}

function aggregateOf(part: SelectPart, variables: Variables): Aggregate | undefined {
  if (part.type === 'percentile') {
    const rank = Number(textOf(part, variables) || Number.NaN);
    if (!(rank >= 0 && rank <= 100)) throw invalid('a percentile is a number from 0 to 100');
    return { name: 'percentile', rank };
  }
  const name = aggregateNames.find((one) => one === part.type);
  return name && { name };
}

function transformOf(part: SelectPart, variables: Variables, intervalMs: number): Transform | undefined {
  switch (part.type) {
    case 'derivative':
    case 'non_negative_derivative':
      return { name: part.type, unitMs: unitOf(textOf(part, variables), intervalMs) };
    case 'difference':
    case 'cumulative_sum':
      return { name: part.type };
    case 'moving_average':
      return { name: part.type, points: pointsOf(textOf(part, variables)) };
    default:
      return undefined;
  }
}

function unitOf(text: string, intervalMs: number): number {
  const unit = text === '' ? 1_000 : text === 'auto' ? intervalMs : parseDuration(text);
  if (unit === undefined) throw invalid(`"${text}" is not a duration such as 10s, 5m or 1h`);
  return unit;
}

function pointsOf(text: string): number {
  const points = Number(text);
  if (!Number.isInteger(points) || points < 2 || points > 10_000) {
    throw invalid('a moving average is over 2 to 10000 points');
  }
  return points;
}

/** Grafana stores the operator and the number in one text: ` / 100`. */
function mathOf(text: string): MathStep {
  const [, operator, number] = /^\s*([-+*/])\s*(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*$/i.exec(text) ?? [];
  if (operator === '+' || operator === '-' || operator === '*' || operator === '/') {
    if (operator === '/' && Number(number) === 0) throw invalid('nothing can be divided by 0');
    return { operator, number: checkNumber(Number(number)) };
  }
  throw invalid(`"${text}" is no reckoning such as / 100`);
}

/** InfluxQL writes numbers out in full. */
function checkNumber(number: number): number {
  const size = Math.abs(number);
  if (size !== 0 && !(size >= 1e-15 && size <= 1e18))
    throw invalid(`${number} is too large or too small to reckon with`);
  return number;
}

function textOf(part: SelectPart, variables: Variables): string {
  return interpolate(String(part.params?.[0] ?? ''), variables, 'text').trim();
}

function nameOf({ transform, aggregate, field }: Omit<Draft, 'alias'>): string {
  return transform?.name ?? aggregate?.name ?? field;
}

/** As InfluxDB names columns of the same name: mean, mean_1. */
function ownName(name: string, used: Map<string, number>): string {
  const count = used.get(name) ?? 0;
  used.set(name, count + 1);
  return count === 0 ? name : `${name}_${count}`;
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('METRIC_QUERY_INVALID', { reason });
}
