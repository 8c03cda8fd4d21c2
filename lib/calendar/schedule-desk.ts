import type { AuditLog } from '../access/audit/audit-log.ts';
import { VirtflowError } from '../model/errors.ts';
import type { Planned } from './plan.ts';
import type { Schedule } from './schedule.ts';
import type { Scheduler } from './scheduler.ts';
import { askedBy } from './slot-reason.ts';

/** How a schedule stands. */
export interface ScheduleState {
  readonly id: string;
  readonly name: string;
  /** The tab that it stands on; null where it is the house's own. */
  readonly flow: string | null;
  readonly schedule: Schedule;
  readonly enabled: boolean;
  /** When it starts next, milliseconds since the epoch; null when it does not. */
  readonly next: number | null;
  /** How many of its runs go on. */
  readonly running: number;
}

/** What people, programs and flows ask of schedules; each change is in the audit record. */
export class ScheduleDesk {
  readonly #scheduler: Scheduler;
  readonly #audit: AuditLog;

  constructor({ scheduler, audit }: { readonly scheduler: Scheduler; readonly audit: AuditLog }) {
    this.#scheduler = scheduler;
    this.#audit = audit;
  }

  list(): readonly ScheduleState[] {
    return this.#scheduler.plans().map((planned) => this.#state(planned));
  }

  /** The one of an id; undefined when there is none. */
  withId(id: string): ScheduleState | undefined {
    const found = this.#scheduler.plan(id);
    return found && this.#state(found);
  }

  /** @param schedule an id, or a name that only one has @throws SCHEDULE_UNKNOWN */
  get(schedule: string): ScheduleState {
    return this.#state(this.#find(schedule));
  }

  /** Has it start again when it is due, or no more; lasts over restarts and deploys. @throws SCHEDULE_UNKNOWN, STORE_* */
  enable(by: string, schedule: string, enabled: boolean): ScheduleState {
    const { plan, isEnabled } = this.#find(schedule);
    const { id, name = id } = plan;
    if (isEnabled !== enabled) {
      const what = enabled ? 'calendar.schedule-enabled' : 'calendar.schedule-disabled';
      this.#audit.change(() => this.#scheduler.enable(id, enabled), what, by, { schedule: id, name });
    }
    return this.get(id);
  }

  /**
   * Has it run although it is not due. Windows hold it, and its last run, as they do when it is due.
   * @returns the run; null where it begins once the last has been cancelled
   * @throws SCHEDULE_UNKNOWN, SCHEDULE_HELD, SCHEDULE_RUNNING, STORE_*
   */
  run(by: string, schedule: string): { readonly schedule: string; readonly run: string | null } {
    const { id, name = id } = this.#find(schedule).plan;
    const run = this.#scheduler.runNow(id, askedBy(by));
    this.#audit.append('calendar.schedule-run', by, { schedule: id, name, run });
    return { schedule: id, run };
  }

  #find(schedule: string): Planned {
    const plans = this.#scheduler.plans();
    const named = plans.filter(({ plan }) => plan.name === schedule);
    const found = plans.find(({ plan }) => plan.id === schedule) ?? (named.length === 1 ? named[0] : undefined);
    if (!found) throw new VirtflowError('SCHEDULE_UNKNOWN', { schedule });
    return found;
  }

  #state({ plan, isEnabled }: Planned): ScheduleState {
    const { id, name = id, flow = null, schedule } = plan;
    const next = this.#scheduler.next(id) ?? null;
    return { id, name, flow, schedule, enabled: isEnabled, next, running: this.#scheduler.running(id) };
  }
}
