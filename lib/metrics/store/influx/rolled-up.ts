import { compareTags, type Tags } from '../catalogue.ts';
import { bucketOf, type Rows } from '../frames.ts';
import type { Reading, Segment } from '../levels.ts';
import { type Partial, partialName, partialsFor } from '../partials.ts';
import { hasLead, type PlanColumn, type QueryPlan } from '../plan.ts';
import type { AnswerSeries } from './answer.ts';
import { identifier, type Limits, segmentStatement, type TagPairs } from './influxql.ts';
import { functionOf } from './roll-ups.ts';

interface Needed {
  readonly field: string;
  readonly partial: Partial;
}

/** Partials of a bucket, in the order of what is needed; those of its lead and of itself. */
interface Bucket {
  readonly lead: (number | null)[];
  readonly own: (number | null)[];
}

/** What the columns of a plan are put together of. */
export function neededFor({ columns }: QueryPlan): readonly Needed[] {
  const needed = new Map<string, Needed>();
  for (const { field, aggregate } of columns) {
    for (const partial of ['n', ...(partialsFor(aggregate) ?? [])] as const) {
      needed.set(partialName(field, partial), { field, partial });
    }
  }
  return [...needed.values()];
}

/** Asks for the partials of one segment, by bucket and group. */
export function statementFor(
  { plan }: Reading,
  segment: Segment,
  source: string,
  only: readonly TagPairs[] | undefined,
  limits: Limits,
): string {
  const columns = neededFor(plan).map(({ field, partial }) => {
    const name = segment.level === 'raw' ? field : partialName(field, partial);
    return `${functionOf(segment.level, partial)}(${identifier(name)})`;
  });
  return segmentStatement(plan, columns, source, segment, only, limits);
}

/** Puts together what the segments were answered, in order of time. */
export function rowsOfSegments(reading: Reading, answers: readonly (readonly AnswerSeries[])[]): Rows[] {
  const { plan, segments } = reading;
  const needed = neededFor(plan);
  const groups = new Map<string, { readonly tags: Tags; readonly buckets: Map<number, Bucket> }>();
  for (const [index, segment] of segments.entries()) {
    for (const series of answers[index] ?? []) {
      const tags = Object.fromEntries(plan.groupTags.map((tag) => [tag, series.tags[tag] ?? '']));
      const key = JSON.stringify(Object.values(tags));
      const group = groups.get(key) ?? { tags, buckets: new Map<number, Bucket>() };
      groups.set(key, group);
      for (const row of series.values) addRow(plan, needed, segment, group.buckets, row);
    }
  }
  const rows = [...groups.values()].map(({ tags, buckets }) => rowsOf(plan, needed, tags, buckets));
  return rows.sort((one, other) => compareTags(plan.groupTags, one.tags, other.tags));
}

function addRow(
  { intervalMs, from }: QueryPlan,
  needed: readonly Needed[],
  { lead }: Segment,
  buckets: Map<number, Bucket>,
  [time, ...figures]: readonly unknown[],
): void {
  const at = intervalMs === undefined ? from : bucketOf(Number(time), intervalMs);
  const bucket = buckets.get(at) ?? { lead: needed.map(() => null), own: needed.map(() => null) };
  buckets.set(at, bucket);
  const part = lead ? bucket.lead : bucket.own;
  for (const [index, { partial }] of needed.entries()) {
    const figure = figures[index];
    if (typeof figure === 'number') part[index] = together(partial, part[index] ?? null, figure);
  }
}

/** The second comes after the first. */
function together(partial: Partial, one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  switch (partial) {
    case 'n':
    case 'sum':
      return one + other;
    case 'low':
      return Math.min(one, other);
    case 'high':
      return Math.max(one, other);
    case 'first':
      return one;
    case 'last':
      return other;
  }
}

function rowsOf(plan: QueryPlan, needed: readonly Needed[], tags: Tags, buckets: ReadonlyMap<number, Bucket>): Rows {
  const told = [...buckets].sort(([one], [other]) => one - other);
  const columnOf = (column: PlanColumn) => {
    const indexOf = (partial: Partial) =>
      needed.findIndex((one) => one.field === column.field && one.partial === partial);
    const partialIn = ({ lead, own }: Bucket, partial: Partial) => {
      const index = indexOf(partial);
      const figure = own[index] ?? null;
      return hasLead(column) ? together(partial, lead[index] ?? null, figure) : figure;
    };
    return told.map(([, bucket]) => figureOf(column, (partial) => partialIn(bucket, partial)));
  };
  const values = plan.columns.map(columnOf);
  return { tags, times: told.map(([at]) => at), values };
}

function figureOf({ aggregate }: PlanColumn, of: (partial: Partial) => number | null): number | null {
  const [first, second] = (partialsFor(aggregate) ?? []).map(of);
  if (aggregate?.name === 'mean')
    return typeof first === 'number' && first > 0 && second != null ? second / first : null;
  if (aggregate?.name === 'spread') return first != null && second != null ? second - first : null;
  return first === 0 && aggregate?.name === 'count' ? null : (first ?? null);
}
