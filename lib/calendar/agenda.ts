import { setImmediate as breath } from 'node:timers/promises';
import { covers } from '../access/pattern.ts';
import { isAbout } from '../governor/action-class.ts';
import { formatRef } from '../model/reference.ts';
import { type HistoryFilter, type Operation, objectOf } from '../operations/operation.ts';
import type { ActionSource } from '../operations/runner.ts';
import type { SlotRecord, Slots } from '../store/store.ts';
import type { Calendar } from './calendar.ts';
import { type Conflict, conflictsOf, mostRuns, type PlannedSchedule, type UsualTime } from './conflicts.ts';
import type { HoldingWindow, Planned } from './plan.ts';
import type { Scheduler } from './scheduler.ts';
import { slotsBetween } from './slots-ahead.ts';
import { listed, type Span, spansBetween } from './span.ts';
import type { TimedWindow, Window } from './window.ts';

export interface AgendaParts {
  readonly calendar: Calendar;
  readonly scheduler: Scheduler;
  readonly slots: Slots;
  readonly operations: { history(filter: HistoryFilter): readonly Operation[] };
  readonly actions: ActionSource;
}

/** What became of a run: of its operations, the worst; `done` where it had none. */
export type RunOutcome = 'running' | 'failed' | 'partial' | 'cancelled' | 'succeeded' | 'done' | 'skipped' | 'missed';

export interface PastRun extends SlotRecord {
  readonly name: string;
  readonly flow: string | null;
  readonly result: RunOutcome;
  readonly operations: number;
}

export interface NextRun {
  readonly schedule: string;
  readonly name: string;
  readonly flow: string | null;
  readonly at: number;
  /** The window that will hold it. */
  readonly held: string | null;
  readonly heldBy: HoldingWindow | null;
}

export interface OpenWindow extends Span {
  readonly window: Window;
}

const mostPast = 500;
const mostNext = 200;
/** How long others wait at most. */
const longestMs = 15;
const dayMs = 86_400_000;
/** From how many of the last runs it is known what a schedule works on. */
const runsLookedAt = 5;

/** Everything that was due and will be, over all flows. */
export class Agenda {
  readonly #parts: AgendaParts;

  constructor(parts: AgendaParts) {
    this.#parts = parts;
  }

  /** Slots of a time that are settled, in their order; of too many the latest. @throws STORE_* */
  past(from: number, until: number): readonly PastRun[] {
    const { slots, scheduler } = this.#parts;
    const plans = new Map(scheduler.plans().map(({ plan }) => [plan.id, plan]));
    return slots.between(from, until, mostPast).map((slot) => {
      const plan = plans.get(slot.schedule);
      const operations = slot.run === undefined ? [] : this.#operationsOf(slot.run);
      const about = { name: plan?.name ?? slot.schedule, flow: plan?.flow ?? null };
      return { ...slot, ...about, result: outcomeOf(slot, operations), operations: operations.length };
    });
  }

  /** What will be due in a time, in order; of each schedule the first `most`. */
  async next(from: number, until: number, most = mostNext): Promise<readonly NextRun[]> {
    const schedules = this.#enabled().map(plannedOf);
    return this.#runsOf(schedules, this.#parts.calendar.enabled(), { from, until, most });
  }

  /** When windows are open, in order, also those that somebody has put out of force for a while. @throws STORE_* */
  async windows(from: number, until: number): Promise<readonly OpenWindow[]> {
    const open: OpenWindow[] = [];
    for await (const { window, times } of slowly(this.#parts.calendar.enabled())) {
      for (const span of spansBetween(times, from, until)) open.push({ ...span, window });
    }
    return open.toSorted((a, b) => a.from - b.from);
  }

  /** What clashes in the next 14 days, as it is deployed. */
  async conflicts(now: number): Promise<readonly Conflict[]> {
    return this.#clashes(this.#enabled().map(plannedOf), this.#parts.calendar.enabled(), now);
  }

  /**
   * What would be due and would clash, were schedules and windows others.
   * @param change.schedules in the place of those of the same id, or beside them; one that is disabled clashes with nothing
   * @param change.gone ids of those that would be no more
   * @param change.windows those that there would be; those that there are, unless told
   * @returns runs of the `shown` schedules, of each the first `most`
   */
  async judge(
    change: { schedules: readonly PlannedSchedule[]; gone: readonly string[]; windows?: readonly TimedWindow[] },
    { shown, ...range }: { shown: ReadonlySet<string>; from: number; until: number; most: number },
    now: number,
  ): Promise<{ runs: readonly NextRun[]; conflicts: readonly Conflict[] }> {
    const { schedules, gone, windows = this.#parts.calendar.enabled() } = change;
    const replaced = new Set([...gone, ...schedules.map(({ id }) => id)]);
    const others = this.#enabled().filter(({ plan }) => !replaced.has(plan.id));
    const started = schedules.filter(({ id }) => this.#parts.scheduler.plan(id)?.isEnabled !== false);
    const conflicts = await this.#clashes([...others.map(plannedOf), ...started], windows, now);
    const told = schedules.filter(({ id }) => shown.has(id));
    return { runs: await this.#runsOf(told, windows, range), conflicts };
  }

  #enabled(): readonly Planned[] {
    return this.#parts.scheduler.plans().filter(({ isEnabled }) => isEnabled);
  }

  async #runsOf(
    schedules: readonly PlannedSchedule[],
    windows: readonly TimedWindow[],
    { from, until, most }: { from: number; until: number; most: number },
  ): Promise<readonly NextRun[]> {
    const gates = gatesOf(windows, from, until);
    const runs: NextRun[] = [];
    for await (const { id: schedule, name, flow = null, timetable, held } of slowly(schedules)) {
      for (const at of slotsBetween(timetable, from, until, most)) {
        const gate = held?.(at, gates);
        runs.push({ schedule, name, flow, at, held: gate?.says ?? null, heldBy: gate?.by ?? null });
      }
    }
    return runs.toSorted((a, b) => a.at - b.at);
  }

  async #clashes(planned: readonly PlannedSchedule[], windows: readonly TimedWindow[], now: number) {
    const until = now + 14 * dayMs;
    const gates = gatesOf(windows, now, until);
    const schedules: PlannedSchedule[] = [];
    for await (const one of slowly(planned)) {
      const objects = [...new Set([...this.#objectsOf(one.id), ...one.objects])];
      const { held } = one;
      schedules.push({ ...one, objects, ...(held && { held: (at: number) => held(at, gates) }) });
      // It is reckoned here, bit by bit, what is only looked up below.
      if (objects.length > 0) slotsBetween(one.timetable, now, until, mostRuns);
    }
    return conflictsOf({ schedules, windows, usual: this.#usual(now), from: now, until });
  }

  #operationsOf(run: string): readonly Operation[] {
    return this.#parts.operations.history({ run, limit: 200 });
  }

  #objectsOf(schedule: string): readonly string[] {
    const runs = this.#parts.slots.lastRuns(schedule, runsLookedAt);
    const objects = runs.flatMap((run) => this.#operationsOf(run).map(({ target }) => objectOf(target)));
    return [...new Set(objects.filter((object) => object !== null).map(formatRef))];
  }

  /** How long each action took in the last 30 days: nine in ten were quicker. */
  #usual(now: number): readonly UsualTime[] {
    const { operations, actions } = this.#parts;
    const past = operations.history({ states: ['succeeded'], since: now - 30 * dayMs, limit: 1_000 });
    const times = Map.groupBy(past, ({ action }) => action);
    return [...times].map(([id, all]) => {
      const took = all.map(({ startedAt, endedAt }) => (endedAt ?? 0) - (startedAt ?? endedAt ?? 0));
      const ms = took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.9)] ?? 0;
      return { action: id, ms, isOf: ({ window }: TimedWindow) => isOf(window.actions ?? ['*'], id, actions) };
    });
  }
}

function plannedOf({ plan, timetable }: Planned): PlannedSchedule {
  const { id, name = id, flow, held } = plan;
  return { id, name, timetable, objects: [], ...(flow === undefined ? {} : { flow }), ...(held && { held }) };
}

/** The windows that hold schedules, with the times of that stretch alone, which are quickly looked up. */
function gatesOf(windows: readonly TimedWindow[], from: number, until: number): readonly TimedWindow[] {
  return windows
    .filter(({ window }) => window.schedules !== undefined)
    .map(({ window, times }) => ({ window, times: listed(spansBetween(times, from, until)) }));
}

/** One after the other, with a break for others now and then: what is reckoned may take a while. */
async function* slowly<T>(all: readonly T[]): AsyncGenerator<T> {
  let since = performance.now();
  for (const one of all) {
    if (performance.now() - since > longestMs) {
      await breath();
      since = performance.now();
    }
    yield one;
  }
}

function isOf(names: readonly string[], id: string, actions: ActionSource): boolean {
  try {
    return isAbout(names, actions.get(id));
  } catch {
    return names.some((name) => covers(name, id));
  }
}

const worst = ['failed', 'partial', 'cancelled', 'refused'] as const;

function outcomeOf({ outcome }: SlotRecord, operations: readonly Operation[]): RunOutcome {
  if (outcome === 'skipped' || outcome === 'missed') return outcome;
  if (operations.length === 0) return 'done';
  if (operations.some(({ endedAt }) => endedAt === null)) return 'running';
  const found = worst.find((state) => operations.some((operation) => operation.state === state));
  return found === 'refused' ? 'failed' : (found ?? 'succeeded');
}
