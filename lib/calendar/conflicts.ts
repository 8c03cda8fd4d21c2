import type { Held, HoldingWindow } from './plan.ts';
import type { Timetable } from './schedule.ts';
import { slotsBetween } from './slots-ahead.ts';
import { spansBetween } from './span.ts';
import { type TimedWindow, titleOf } from './window.ts';

/** A schedule as it is or would be deployed. */
export interface PlannedSchedule {
  readonly id: string;
  readonly name: string;
  readonly flow?: string;
  readonly timetable: Timetable;
  /** Objects that its runs work on, as `connection/kind/id`. */
  readonly objects: readonly string[];
  readonly held?: (at: number, windows?: readonly TimedWindow[]) => Held | undefined;
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
  /** What `says` tells, for whoever puts it into words of another language. */
  readonly facts: ConflictFacts;
  readonly says: string;
}

/** Names as people gave them; times in minutes. */
export interface ConflictFacts {
  readonly name?: string;
  readonly other?: string;
  /** The first three, as `connection/kind/id`. */
  readonly objects?: readonly string[];
  readonly by?: HoldingWindow;
  readonly action?: string;
  readonly takes?: number;
  readonly open?: number;
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
/** Of each schedule. */
export const mostRuns = 2_000;

/** What clashes between two times: pure, over schedules and windows as they would be. */
export function conflictsOf(plans: Plans): readonly Conflict[] {
  const { schedules, windows } = plans;
  const clashes = pairsOf(schedules).flatMap(([one, other]) => clashOf(one, other, plans));
  const held = schedules.flatMap((schedule) => alwaysHeld(schedule, plans));
  return [...clashes, ...held, ...windows.flatMap((window) => tooShort(window, plans))];
}

/** Those that work on the same objects, each pair once. */
function pairsOf(schedules: readonly PlannedSchedule[]): readonly (readonly [PlannedSchedule, PlannedSchedule])[] {
  const byObject = new Map<string, PlannedSchedule[]>();
  const pairs = new Map<string, readonly [PlannedSchedule, PlannedSchedule]>();
  for (const schedule of schedules) {
    for (const object of new Set(schedule.objects)) {
      const others = byObject.get(object) ?? [];
      for (const other of others) pairs.set(`${other.id} ${schedule.id}`, [other, schedule]);
      byObject.set(object, [...others, schedule]);
    }
  }
  return [...pairs.values()];
}

function slotsOf({ timetable }: PlannedSchedule, { from, until }: Plans): readonly number[] {
  return slotsBetween(timetable, from, until, mostRuns);
}

function clashOf(a: PlannedSchedule, b: PlannedSchedule, plans: Plans): Conflict[] {
  const near = nearSlots(slotsOf(a, plans), slotsOf(b, plans));
  const [first] = near;
  if (first === undefined) return [];
  const objects = a.objects.filter((object) => b.objects.includes(object)).slice(0, 3);
  const says = `"${a.name}" and "${b.name}" work on ${objects.join(', ')} within 5 minutes of each other.`;
  const facts = { name: a.name, other: b.name, objects };
  return [{ kind: 'clash', schedules: [a.id, b.id], window: null, at: first, count: near.length, facts, says }];
}

/** Slots of the first list with one of the second near; both are in order. */
function nearSlots(slots: readonly number[], others: readonly number[]): number[] {
  let place = 0;
  return slots.filter((slot) => {
    while ((others[place] ?? Infinity) < slot - nearMs) place += 1;
    return (others[place] ?? Infinity) <= slot + nearMs;
  });
}

function alwaysHeld(schedule: PlannedSchedule, plans: Plans): Conflict[] {
  const { held, id, name } = schedule;
  if (!held) return [];
  const slots = slotsOf(schedule, plans);
  const [first] = slots;
  const gate = first === undefined ? undefined : held(first);
  if (first === undefined || !gate || !slots.every((slot) => held(slot))) return [];
  const says = `Whenever "${name}" is due, a window holds it. ${gate.says}`;
  const facts = { name, ...(gate.by && { by: gate.by }) };
  const about = { schedules: [id], window: gate.window ?? null, at: first, count: slots.length };
  return [{ kind: 'always-held', ...about, facts, says }];
}

function tooShort(timed: TimedWindow, { usual, from, until }: Plans): Conflict[] {
  const { window, times } = timed;
  if (window.kind !== 'maintenance') return [];
  const spans = spansBetween(times, from, until);
  return usual.flatMap(({ action, ms, isOf }) => {
    const short = isOf(timed) ? spans.filter((span) => span.until - span.from < ms) : [];
    const [first] = short;
    if (!first) return [];
    const facts = { action, name: titleOf(window), takes: minutes(ms), open: minutes(first.until - first.from) };
    const says = `${action} takes ${facts.takes} min as a rule, and "${facts.name}" is open for ${facts.open} min.`;
    const about = { schedules: [], window: window.id, at: first.from, count: short.length };
    return [{ kind: 'too-short' as const, ...about, facts, says }];
  });
}

function minutes(ms: number): number {
  return Math.max(1, Math.round(ms / 60_000));
}
