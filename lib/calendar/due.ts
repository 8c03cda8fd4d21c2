import { createHash } from 'node:crypto';
import type { Timetable } from './schedule.ts';

/** What to do about slots that fell due while nobody could start them. */
export type Misfire =
  | { readonly policy: 'skip' }
  /** One run for all of them. */
  | { readonly policy: 'once' }
  /** A run for each of the last `limit`. */
  | { readonly policy: 'all'; readonly limit: number };

/** The slots that are due now, in order, and the last of those that are given up. */
export interface Due {
  readonly run: readonly { readonly slot: number; readonly late: boolean }[];
  readonly missed: number | undefined;
  /** Up to here all is settled. */
  readonly cursor: number;
}

/** A slot that is this late was missed, and is for the misfire policy to decide. */
export const graceMs = 60_000;

/** How many slots within the grace time are started at once at most; a schedule by the second has no more than 61. */
const onTimeLimit = 100;

/**
 * What is due between the last settled slot and now; undefined when nothing is. Each slot has its own delay of up to
 * `jitterMs`, the same whenever it is asked for.
 */
export function dueSlots(
  timetable: Timetable,
  misfire: Misfire,
  jitter: (slot: number) => number,
  cursor: number,
  now: number,
): Due | undefined {
  const slots = passedSlots(timetable, onTimeLimit + (misfire.policy === 'all' ? misfire.limit : 1), cursor, now);
  const waiting = slots.findIndex((slot) => slot + jitter(slot) > now);
  const due = waiting < 0 ? slots : slots.slice(0, waiting);
  const last = due.at(-1);
  if (last === undefined) return undefined;
  const late = due.filter((slot) => now - slot - jitter(slot) > graceMs);
  const onTime = due.slice(late.length);
  const caughtUp = catchUp(misfire, late, onTime.length > 0);
  const run = [...caughtUp.map((slot) => ({ slot, late: true })), ...onTime.map((slot) => ({ slot, late: false }))];
  return { run, missed: late[late.length - caughtUp.length - 1], cursor: last };
}

/** The last `limit` of them. Mostly there is one or none, so they are looked for from the cursor on, ever further. */
function passedSlots(timetable: Timetable, limit: number, cursor: number, now: number): readonly number[] {
  for (let count = 1; count <= limit; count *= 2) {
    const slots = timetable.next(count, cursor);
    const passed = slots.filter((slot) => slot <= now);
    if (passed.length < count) return passed;
  }
  return timetable.last(limit, now).filter((slot) => slot > cursor);
}

function catchUp(misfire: Misfire, late: readonly number[], anyOnTime: boolean): readonly number[] {
  if (misfire.policy === 'skip' || late.length === 0) return [];
  if (misfire.policy === 'all') return late.slice(-misfire.limit);
  return anyOnTime ? [] : late.slice(-1);
}

/** A delay of 0 to `jitterMs`, drawn by the schedule's id and the slot: the same again after a restart. */
export function jitterOf(id: string, jitterMs: number): (slot: number) => number {
  if (jitterMs <= 0) return () => 0;
  return (slot) => {
    const drawn = createHash('sha256').update(`${id} ${slot}`).digest().readUInt32BE();
    return Math.floor((drawn / 2 ** 32) * jitterMs);
  };
}
