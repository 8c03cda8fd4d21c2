import { covers } from '../access/pattern.ts';
import { isAbout } from '../governor/action-class.ts';
import { formatRef } from '../model/reference.ts';
import { type HistoryFilter, type Operation, objectOf } from '../operations/operation.ts';
import type { ActionSource } from '../operations/runner.ts';
import type { SlotRecord, Slots } from '../store/store.ts';
import type { Calendar } from './calendar.ts';
import { type Conflict, conflictsOf, type PlannedSchedule, type UsualTime } from './conflicts.ts';
import type { Scheduler } from './scheduler.ts';
import type { TimedWindow } from './window.ts';

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
}

const mostPast = 500;
const mostNext = 200;
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

  /** What will be due in a time, in order. */
  next(from: number, until: number): readonly NextRun[] {
    return this.#parts.scheduler
      .plans()
      .filter(({ isEnabled }) => isEnabled)
      .flatMap(({ plan, timetable }) =>
        timetable
          .next(mostNext, from - 1)
          .filter((at) => at < until)
          .map((at) => {
            const { id: schedule, name = schedule, flow = null } = plan;
            return { schedule, name, flow, at, held: plan.held?.(at)?.says ?? null };
          }),
      )
      .toSorted((a, b) => a.at - b.at);
  }

  /**
   * What clashes in the next 14 days.
   * @param planned schedules as they would be deployed, in the place of those of the same id
   */
  conflicts(now: number, planned: readonly PlannedSchedule[] = []): readonly Conflict[] {
    const enabled = this.#parts.scheduler.plans().filter(({ isEnabled }) => isEnabled);
    const others = enabled.filter(({ plan }) => !planned.some(({ id }) => id === plan.id));
    const known = others.map(({ plan: { id, name = id, held }, timetable }) => ({ id, name, timetable, held }));
    const schedules = [...known, ...planned].map((one) => ({ objects: this.#objectsOf(one.id), ...one }));
    const windows = this.#parts.calendar.inForce();
    return conflictsOf({ schedules, windows, usual: this.#usual(now), from: now, until: now + 14 * dayMs });
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
