import { bucketOf, readFrom } from './frames.ts';
import { partialsFor } from './partials.ts';
import type { PlanColumn, QueryPlan } from './plan.ts';

/** How finely figures are kept: points as they were sampled, and roll-ups of them; from fine to coarse. */
export const levels = ['raw', '5m', '1h'] as const;
export type Level = (typeof levels)[number];
export type RollUp = Exclude<Level, 'raw'>;
export type PerLevel<T> = Readonly<Record<Level, T>>;

/** Milliseconds of a bucket; a point is of one. */
export const widthMs: PerLevel<number> = { raw: 1, '5m': 300_000, '1h': 3_600_000 };

/** Each with the finer level that it is made of. */
export const rollUps: readonly { readonly level: RollUp; readonly of: Level }[] = [
  { level: '5m', of: 'raw' },
  { level: '1h', of: '5m' },
];

/** What a level has: all buckets from `since` on, to before `until`; milliseconds since the epoch. */
export interface Extent {
  readonly since: number;
  readonly until: number;
}

/** A part of a range that is read at one level. */
export interface Segment {
  readonly level: Level;
  /** From here on, to before `to`. */
  readonly from: number;
  readonly to: number;
  /** It lies before the range: only columns that are reckoned from one bucket to the next look at it. */
  readonly lead: boolean;
}

/** How a query is answered. */
export interface Reading {
  /** Where the points are gone, its range and interval are those of what is left. */
  readonly plan: QueryPlan;
  readonly segments: readonly Segment[];
  readonly level: Level;
  /** The query needs what is kept no longer: before this there is nothing. */
  readonly missingBefore: number | undefined;
}

const ofMoments: ReadonlySet<string> = new Set(['first', 'last']);

/**
 * Reads as much as can be at the coarsest level that gives the very answer that the points give, and the ends of the
 * range at finer ones. Points as they are, median, percentile and deviation need the points, and so does a query that
 * names a retention policy.
 * @param shared whether several series may be in one group: which of them came first within a bucket, only the points tell
 */
export function readingOf(plan: QueryPlan, extents: PerLevel<Extent>, shared: boolean): Reading {
  const rolls = plan.policy === undefined && plan.columns.every((one) => isRolledUp(one, plan, extents, shared));
  const within = rolls ? widened(plan, extents) : plan;
  const usable = levels.filter((level) => level === 'raw' || (rolls && fits(within.intervalMs, level)));
  const segments = [
    ...cover(readFrom(within), within.from, usable, extents).map((part) => ({ ...part, lead: true })),
    ...cover(within.from, within.to + 1, usable, extents).map((part) => ({ ...part, lead: false })),
  ];
  const since = Math.min(...usable.map((level) => extents[level].since));
  return {
    plan: within,
    segments,
    level: levels.findLast((level) => segments.some((segment) => segment.level === level)) ?? 'raw',
    missingBefore: since > plan.from ? since : undefined,
  };
}

function isRolledUp(
  { aggregate }: PlanColumn,
  { from }: QueryPlan,
  { raw }: PerLevel<Extent>,
  shared: boolean,
): boolean {
  if (!partialsFor(aggregate)) return false;
  return !(shared && ofMoments.has(aggregate?.name ?? '')) || from < raw.since;
}

/** Where the points are gone, a bucket of what is left is told whole, and none is asked for that is narrower. */
function widened(plan: QueryPlan, extents: PerLevel<Extent>): QueryPlan {
  const [first, last] = [widthAt(plan.from, extents), widthAt(plan.to, extents)];
  if (first === 1) return plan;
  const { intervalMs } = plan;
  return {
    ...plan,
    from: bucketOf(plan.from, first),
    to: ceiling(plan.to + 1, last) - 1,
    intervalMs: intervalMs === undefined ? undefined : ceiling(intervalMs, first),
  };
}

function widthAt(at: number, extents: PerLevel<Extent>): number {
  return widthMs[levels.find((level) => extents[level].since <= at) ?? '1h'];
}

function fits(intervalMs: number | undefined, level: Level): boolean {
  return intervalMs === undefined || intervalMs % widthMs[level] === 0;
}

function cover(
  from: number,
  to: number,
  usable: readonly Level[],
  extents: PerLevel<Extent>,
): readonly Omit<Segment, 'lead'>[] {
  const level = usable.at(-1);
  if (level === undefined || from >= to) return [];
  const finer = usable.slice(0, -1);
  const start = Math.max(ceiling(from, widthMs[level]), extents[level].since);
  const end = Math.min(bucketOf(to, widthMs[level]), extents[level].until);
  if (start >= end) return cover(from, to, finer, extents);
  return [...cover(from, start, finer, extents), { level, from: start, to: end }, ...cover(end, to, finer, extents)];
}

function ceiling(at: number, width: number): number {
  return Math.ceil(at / width) * width;
}
