import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import { operationId } from '../operations/id.ts';
import type { SlotAbout, SlotOutcome, SlotReason, Slots } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { DueSlot, Fire, Plan, SchedulerProblem, SlotFact } from './plan.ts';
import { RunsUnderWay } from './runs-under-way.ts';
import { reasons } from './slot-reason.ts';

/** `asked` stands with one that was not due. */
export type Started = Pick<DueSlot, 'slot' | 'late'> & { readonly asked?: SlotReason };

/** A plan, and what of it waits until its last run has ended. */
export interface Runnable {
  readonly plan: Plan;
  readonly fire: Fire;
  readonly queue: Started[];
}

const queueLimit = 1_000;

/**
 * Begins runs, each slot once, for it is taken in the store before; and decides what becomes of one while the last run of
 * its plan still goes on.
 */
export class ScheduleRuns {
  readonly facts = new Feed<SlotFact>();
  readonly problems = new Feed<SchedulerProblem>();
  readonly #slots: Slots;
  readonly #clock: Clock;
  readonly #underWay = new RunsUnderWay();
  /** What has begun to wait, by the id of its plan: a deploy may have put it in the place of what runs. */
  readonly #waiting = new Map<string, Runnable>();

  constructor(slots: Slots, clock: Clock) {
    this.#slots = slots;
    this.#clock = clock;
  }

  /** How many runs of a plan go on. */
  count(id: string): number {
    return this.#underWay.count(id);
  }

  /** Begins it, or what its plan says where the last run goes on. @throws STORE_* */
  start(one: Runnable, due: Started): void {
    const overlap = one.plan.overlap ?? 'skip';
    const waits = overlap === 'queue' || due.late; // runs that are caught up with come one after the other
    if (overlap === 'parallel' || !this.#isRunning(one)) this.#run(one, due);
    else if (overlap === 'cancel') this.#replaceBy(one, due);
    else if (waits && one.queue.length < queueLimit) this.#wait(one, due);
    else this.take(one, due.slot, 'skipped', reasons.overlap);
  }

  /**
   * Begins what somebody asked for. @returns the run; null where it begins once the last has been cancelled.
   * @throws SCHEDULE_RUNNING, STORE_*
   */
  startNow(one: Runnable, due: Started): string | null {
    const { id, name, overlap } = one.plan;
    if (overlap === 'parallel' || !this.#isRunning(one)) return this.#run(one, due) ?? null;
    if (overlap !== 'cancel') throw new VirtflowError('SCHEDULE_RUNNING', { schedule: name ?? id });
    this.#replace(one, due);
    return null;
  }

  /** Settles a slot, started or not, and tells so. @returns whether it was still to be had @throws STORE_* */
  take({ plan }: Runnable, slot: number, outcome: SlotOutcome, about: SlotAbout): boolean {
    const at = this.#clock.now();
    const taken = this.#slots.take(plan.id, slot, at, outcome, about);
    if (taken) this.facts.publish({ schedule: plan.id, slot, at, outcome, ...about });
    return taken;
  }

  report({ plan }: Runnable, thrown: unknown): void {
    this.problems.publish({ schedule: plan.id, error: toVirtflowError(thrown).toJSON() });
  }

  /** A slot that falls due once more, for the clock was put back, ends nothing: it has had its run. */
  #replaceBy(one: Runnable, due: Started): void {
    if (!this.#slots.isTaken(one.plan.id, due.slot)) this.#replace(one, due);
  }

  /** What runs is told to end; the latest slot begins when it has. */
  #replace(one: Runnable, due: Started): void {
    for (const { slot } of one.queue.splice(0)) this.take(one, slot, 'skipped', reasons.replaced);
    this.#wait(one, due);
    this.#underWay.abort(one.plan.id);
  }

  #wait(one: Runnable, due: Started): void {
    one.queue.push(due);
    this.#waiting.set(one.plan.id, one);
  }

  /** @returns the run, where it has begun */
  #run(one: Runnable, started: Started): string | undefined {
    const run = operationId();
    const slot = this.#begin(one, started, run);
    if (slot === undefined) return undefined;
    try {
      const ending = new AbortController();
      const { late, asked } = started;
      const due = { schedule: one.plan.id, slot, at: this.#clock.now(), late, asked: asked !== undefined, run };
      const over = one.fire(due, ending.signal);
      if (over instanceof Promise) void this.#follow(one, over, ending);
    } catch (thrown) {
      this.report(one, thrown);
    }
    return run;
  }

  /** Takes the slot. What falls due does so at whole seconds, so one that was asked for stands between them. */
  #begin(one: Runnable, { slot, asked }: Started, run: string): number | undefined {
    if (asked === undefined) return this.take(one, slot, 'run', { run }) ? slot : undefined;
    let free = slot;
    while (free % 1000 === 0 || !this.take(one, free, 'asked', { run, ...asked })) free += 1;
    return free;
  }

  async #follow(one: Runnable, run: Promise<void>, ending: AbortController): Promise<void> {
    try {
      await this.#underWay.follow(one.plan.id, run, ending);
    } catch (thrown) {
      this.report(one, thrown);
    }
    const { id } = one.plan;
    const next = this.#waiting.get(id);
    if (next) this.#runQueued(next);
    if (next?.queue.length === 0) this.#waiting.delete(id);
  }

  #runQueued(one: Runnable): void {
    try {
      while (!this.#isRunning(one)) {
        const next = one.queue.shift();
        if (!next) return;
        this.#run(one, next);
      }
    } catch (thrown) {
      this.report(one, thrown);
    }
  }

  #isRunning({ plan }: Runnable): boolean {
    return this.#underWay.count(plan.id) > 0;
  }
}
