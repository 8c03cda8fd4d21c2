import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { VirtflowError } from '../../model/errors.ts';
import { parseDuration } from './duration.ts';
import type { Condition, Fill, QueryPlan } from './plan.ts';
import { columnsOf } from './select.ts';
import { interpolate, type Variables, type VariableValue } from './variables.ts';

const Name = Type.String({ minLength: 1, maxLength: 500 });
const Parameter = Type.Union([Type.String({ maxLength: 2_000 }), Type.Number()]);
const Part = Type.Object({ type: Name, params: Type.Optional(Type.Array(Parameter, { maxItems: 4 })) });
const Tag = Type.Object({
  key: Name,
  operator: Type.Optional(Type.String({ maxLength: 20 })),
  value: Type.String({ maxLength: 10_000 }),
  condition: Type.Optional(Type.String({ maxLength: 10 })),
});
const Count = Type.Optional(Type.Union([Type.String({ maxLength: 20 }), Type.Integer({ minimum: 0 })]));

/**
 * What Grafana's query builder for InfluxQL stores in a panel's target (`InfluxQuery` in its source). What else stands
 * there (refId, hide, resultFormat, datasource …) is passed over.
 */
export const StructuredQuery = Type.Object({
  measurement: Name,
  policy: Type.Optional(Type.String({ maxLength: 500 })),
  select: Type.Array(Type.Array(Part, { minItems: 1, maxItems: 20 }), { minItems: 1, maxItems: 50 }),
  groupBy: Type.Optional(Type.Array(Part, { maxItems: 20 })),
  tags: Type.Optional(Type.Array(Tag, { maxItems: 200 })),
  orderByTime: Type.Optional(Type.String({ maxLength: 10 })),
  limit: Count,
  slimit: Count,
  tz: Type.Optional(Type.String({ maxLength: 100 })),
  alias: Type.Optional(Type.String({ maxLength: 1_000 })),
  rawQuery: Type.Optional(Type.Boolean()),
});
export type StructuredQuery = Static<typeof StructuredQuery>;

export interface QueryRange {
  /** Milliseconds since the epoch; both ends belong to the range. */
  readonly from: number;
  readonly to: number;
  /** What `$__interval` stands for. */
  readonly intervalMs: number;
  readonly variables?: Variables;
}

/** No picture has room for more, and no memory either. */
const mostBuckets = 50_000;

/** Checks a query and the range it is asked for, once and for all stores. @throws METRIC_QUERY_INVALID */
export function planQuery(query: unknown, range: QueryRange): QueryPlan {
  const { from, to, intervalMs } = checkRange(range);
  if (!Value.Check(StructuredQuery, query)) throw invalid(firstProblem(query));
  if (query.rawQuery === true)
    throw invalid('it is a query in text (rawQuery); only those of the builder are answered');
  if (query.tz) throw invalid('a time zone of its own (tz) is not known');
  const variables: Variables = { ...range.variables, __interval: `${intervalMs}ms`, __interval_ms: `${intervalMs}` };
  const columns = columnsOf(query.select, variables, intervalMs);
  const groups = groupsOf(query.groupBy ?? [], variables, intervalMs);
  const aggregated = columns[0]?.aggregate !== undefined;
  if (!aggregated && groups.intervalMs !== undefined) {
    throw invalid('it groups by time, so each column needs a function such as mean');
  }
  if (aggregated && groups.intervalMs === undefined && columns.some(({ transform }) => transform)) {
    throw invalid('a rate of change needs to be grouped by time, or a field without a function');
  }
  checkBuckets(from, to, groups.intervalMs);
  return {
    measurement: interpolate(query.measurement, variables, 'text'),
    policy: policyOf(query.policy, variables),
    columns,
    conditions: (query.tags ?? []).map((tag, index) => conditionOf(tag, index, variables)),
    ...groups,
    order: orderOf(query.orderByTime),
    limit: countOf(query.limit, 'limit'),
    seriesLimit: countOf(query.slimit, 'slimit'),
    alias: interpolate(query.alias ?? '', variables, 'text'),
    from,
    to,
  };
}

export function invalid(reason: string): VirtflowError {
  return new VirtflowError('METRIC_QUERY_INVALID', { reason });
}

function checkRange({ from, to, intervalMs }: QueryRange): QueryRange {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0)) {
    throw invalid('from and to are milliseconds since 1970');
  }
  if (from > to) throw invalid('it ends before it begins');
  if (!(Number.isSafeInteger(intervalMs) && intervalMs > 0)) throw invalid('the interval is at least one millisecond');
  return { from, to, intervalMs };
}

function checkBuckets(from: number, to: number, intervalMs: number | undefined): void {
  if (intervalMs === undefined || (to - from) / intervalMs <= mostBuckets) return;
  throw invalid(`it would have more than ${mostBuckets} points in a series; ask for a longer interval`);
}

function firstProblem(query: unknown): string {
  const [error] = Value.Errors(StructuredQuery, query);
  return `${error?.instancePath.slice(1).replaceAll('/', '.') || 'it'} ${error?.message ?? 'has the wrong form'}`;
}

type Part = Static<typeof Part>;

function groupsOf(
  parts: readonly Part[],
  variables: Variables,
  rangeIntervalMs: number,
): Pick<QueryPlan, 'groupTags' | 'intervalMs' | 'fill'> {
  const tags = new Set<string>();
  let intervalMs: number | undefined;
  let fill: Fill = { type: 'null' };
  for (const { type, params = [] } of parts) {
    const text = interpolate(String(params[0] ?? ''), variables, 'text');
    if (type === 'time') intervalMs = text === 'auto' ? rangeIntervalMs : durationOf(text);
    else if (type === 'tag') for (const tag of tagsOf(params[0], variables)) tags.add(tag);
    else if (type === 'fill') fill = fillOf(text);
    else throw invalid(`"${type}" is nothing to group by; time, tag and fill are`);
  }
  return { groupTags: [...tags], intervalMs, fill };
}

/** A variable may stand for several tags. */
function tagsOf(param: unknown, variables: Variables): readonly string[] {
  const text = String(param ?? '');
  const named = /^\$(\w+)$|^\$\{(\w+)\}$/.exec(text);
  const value: VariableValue | undefined = variables[named?.[1] ?? named?.[2] ?? ''];
  const tags = Array.isArray(value) ? value.map(String) : [interpolate(text, variables, 'text')];
  if (tags.some((tag) => tag === '' || tag === '*' || isRegex(tag)))
    throw invalid(`"${text}" is not one tag to group by`);
  return tags.map((tag) => tag.replace(/::tag$/, ''));
}

export function durationOf(text: string): number {
  const duration = parseDuration(text.trim());
  if (duration === undefined) throw invalid(`"${text}" is not a duration such as 10s, 5m or 1h`);
  return duration;
}

function fillOf(text: string): Fill {
  if (text === 'null' || text === 'none' || text === 'previous' || text === 'linear') return { type: text };
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) {
    throw invalid(`"${text}" is nothing to fill with; null, none, previous, linear or a number is`);
  }
  return { type: 'number', number };
}

/** As Grafana's builder takes them, and the words for them that newer ones show. */
const operators: Readonly<Record<string, Condition['operator']>> = {
  '=': '=',
  '==': '=',
  Is: '=',
  '!=': '!=',
  '<>': '!=',
  'Is Not': '!=',
  '=~': '=~',
  '!~': '!~',
};

function conditionOf(tag: Static<typeof Tag>, index: number, variables: Variables): Condition {
  const written = tag.operator || (isRegex(tag.value) ? '=~' : '=');
  const operator = Object.hasOwn(operators, written) ? operators[written] : undefined;
  if (operator === undefined) throw invalid(`a tag cannot be compared by "${written}"`);
  const key = interpolate(tag.key, variables, 'text').replace(/::tag$/, '');
  return { key, operator, value: comparedWith(tag.value, operator, variables), join: joinOf(tag.condition, index) };
}

function comparedWith(value: string, operator: Condition['operator'], variables: Variables): string {
  if (operator === '=' || operator === '!=') return interpolate(value, variables, 'text');
  const pattern = isRegex(value) ? value.slice(1, -1).replaceAll('\\/', '/') : value;
  return interpolate(pattern, variables, 'regex');
}

function joinOf(join: string | undefined, index: number): 'AND' | 'OR' {
  const word = (join ?? 'AND').toUpperCase();
  if (index === 0 || word === 'AND' || word === '') return 'AND';
  if (word === 'OR') return 'OR';
  throw invalid(`conditions are joined by AND or OR, not by "${join}"`);
}

function isRegex(text: string): boolean {
  return text.length > 1 && text.startsWith('/') && text.endsWith('/');
}

function policyOf(policy: string | undefined, variables: Variables): string | undefined {
  const name = interpolate(policy ?? '', variables, 'text');
  return name === '' || name === 'default' ? undefined : name;
}

function orderOf(order: string | undefined): 'ASC' | 'DESC' {
  const word = (order || 'ASC').toUpperCase();
  if (word === 'ASC' || word === 'DESC') return word;
  throw invalid(`"${order}" is not an order; ASC and DESC are`);
}

function countOf(value: string | number | undefined, name: string): number | undefined {
  if (value === undefined || value === '') return undefined;
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < 0) throw invalid(`${name} is not a whole number`);
  return count === 0 ? undefined : count;
}
