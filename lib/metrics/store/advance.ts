import { bucketOf } from './frames.ts';
import { type Level, type RollUp, rollUps, widthMs } from './levels.ts';

/** A bucket ends so long before the newest point: others of its time are about to come. */
const graceMs = 60_000;
/** What is rolled up at once, for the sake of memory. */
export const stepMs = widthMs['1h'];
/** So many a write: a store that had no roll-ups gets them one by one. */
const mostSteps = 24;

/** Until where the roll-ups of a measurement are complete. */
export type Until = Readonly<Record<RollUp, number>>;

/** What a store can do for one measurement. */
export interface RollUpSource {
  /** The first moment of the level in this stretch that has a row. */
  firstIn(level: Level, from: number, to: number): Promise<number | undefined>;
  /** Rolls up a stretch of whole buckets, of those of the finer level. */
  rollUp(level: RollUp, of: Level, from: number, to: number): Promise<void>;
}

/** Rolls up the buckets that have ended when the newest point is of this moment; some of them where they are many. */
export function rollUpOn(source: RollUpSource, until: Until, newest: number): Promise<Until> {
  // A hypervisor whose clock is ahead would make all that comes from others late.
  return rollUpTo(source, until, Math.min(newest, Date.now()) - graceMs, mostSteps);
}

/** Rolls up all buckets that end before a moment. */
export async function rollUpTo(
  source: RollUpSource,
  until: Until,
  moment: number,
  steps = Number.POSITIVE_INFINITY,
): Promise<Until> {
  const reached = { ...until };
  for (const { level, of } of rollUps) {
    const end = bucketOf(of === 'raw' ? moment : Math.min(moment, reached[of]), widthMs[level]);
    if (end > reached[level]) reached[level] = await advance(source, level, of, reached[level], end, steps);
  }
  return reached;
}

async function advance(
  source: RollUpSource,
  level: RollUp,
  of: Level,
  start: number,
  end: number,
  steps: number,
): Promise<number> {
  let from = start;
  for (let step = 0; step < steps && from < end; step++) {
    if (end - from > stepMs) from = bucketOf((await source.firstIn(of, from, end)) ?? end, widthMs[level]);
    const to = Math.min(bucketOf(from, stepMs) + stepMs, end);
    if (from < to) await source.rollUp(level, of, from, to);
    from = to;
  }
  return from;
}
