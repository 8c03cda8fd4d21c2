import type { Held } from './plan.ts';
import type { Timetable } from './schedule.ts';
import { spansBetween } from './span.ts';
import { type TimedWindow, titleOf } from './window.ts';

/** A schedule as it is or would be deployed. */
export interface PlannedSchedule {
  readonly id: string;
  readonly name: string;
  readonly timetable: Timetable;
  /** Objects that its runs have worked on, as `connection/kind/id`. */
  readonly objects: readonly string[];
  readonly held?: ((at: number) => Held | undefined) | undefined;
}

/** How long an action takes as a rule, from the history. */
export interface UsualTime {
  readonly action: string;
  readonly ms: number;
  /** Whether a window is about it. */
  readonly isOf: (window: TimedWindow) => boolean;
}

/** Something that will go wrong as it is planned. */
export interface Conflict {
  readonly kind: 'clash' | 'always-held' | 'too-short';
  /** Ids of the schedules and the window that it is about. */
  readonly schedules: readonly string[];
  readonly window: string | null;
  /** When it happens first; milliseconds since the epoch. */
  readonly at: number;
  readonly count: number;
  readonly says: string;
}

export interface Plans {
  readonly schedules: readonly PlannedSchedule[];
  readonly windows: readonly TimedWindow[];
  readonly usual: readonly UsualTime[];
  readonly from: number;
  readonly until: number;
}

/** Two that work on one object should be further apart. */
const nearMs = 5 * 60_000;
const mostRuns = 2_000;

/** What clashes between two times: pure, over schedules and windows as they would be. */
export function conflictsOf(plans: Plans): readonly Conflict[] {
  const runs = plans.schedules.map((schedule) => ({ schedule, slots: slotsOf(schedule, plans) }));
  const clashes = runs.flatMap((one, index) => runs.slice(index + 1).flatMap((other) => clashOf(one, other)));
  return [...clashes, ...runs.flatMap(alwaysHeld), ...plans.windows.flatMap((window) => tooShort(window, plans))];
}

interface Runs {
  readonly schedule: PlannedSchedule;
  readonly slots: readonly number[];
}

function slotsOf({ timetable }: PlannedSchedule, { from, until }: Plans): readonly number[] {
  return timetable.next(mostRuns, from - 1).filter((slot) => slot < until);
}

function clashOf(one: Runs, other: Runs): Conflict[] {
  const shared = one.schedule.objects.filter((object) => other.schedule.objects.includes(object));
  const near = shared.length === 0 ? [] : nearSlots(one.slots, other.slots);
  const [first] = near;
  if (first === undefined) return [];
  const { schedule: a } = one;
  const { schedule: b } = other;
  const says = `"${a.name}" and "${b.name}" work on ${shared.slice(0, 3).join(', ')} within 5 minutes of each other.`;
  return [{ kind: 'clash', schedules: [a.id, b.id], window: null, at: first, count: near.length, says }];
}

/** Slots of the first list with one of the second near; both are in order. */
function nearSlots(slots: readonly number[], others: readonly number[]): number[] {
  let place = 0;
  return slots.filter((slot) => {
    while ((others[place] ?? Infinity) < slot - nearMs) place += 1;
    return (others[place] ?? Infinity) <= slot + nearMs;
  });
}

function alwaysHeld({ schedule, slots }: Runs): Conflict[] {
  const [first] = slots;
  const held = first === undefined ? undefined : schedule.held?.(first);
  if (first === undefined || !held || !slots.every((slot) => schedule.held?.(slot))) return [];
  const says = `Whenever "${schedule.name}" is due, a window holds it. ${held.says}`;
  return [{ kind: 'always-held', schedules: [schedule.id], window: null, at: first, count: slots.length, says }];
}

function tooShort(timed: TimedWindow, { usual, from, until }: Plans): Conflict[] {
  const { window, times } = timed;
  if (window.kind !== 'maintenance') return [];
  const spans = spansBetween(times, from, until);
  return usual.flatMap(({ action, ms, isOf }) => {
    const short = isOf(timed) ? spans.filter((span) => span.until - span.from < ms) : [];
    const [first] = short;
    if (!first) return [];
    const says = `${action} takes ${minutes(ms)} as a rule, and "${titleOf(window)}" is open for ${minutes(first.until - first.from)}.`;
    const about = { schedules: [], window: window.id, at: first.from, count: short.length };
    return [{ kind: 'too-short' as const, ...about, says }];
  });
}

function minutes(ms: number): string {
  return `${Math.max(1, Math.round(ms / 60_000))} min`;
}
