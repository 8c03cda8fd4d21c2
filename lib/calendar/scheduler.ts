import { VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import type { SlotReason, Slots, States } from '../store/store.ts';
import { type Clock, systemClock } from './clock.ts';
import { dueSlots, jitterOf, type Misfire } from './due.ts';
import type { Fire, Plan, Planned, SchedulerProblem, SlotFact } from './plan.ts';
import { compile, parseSchedule, type Timetable } from './schedule.ts';
import { type Runnable, ScheduleRuns, type Started } from './schedule-runs.ts';
import { ScheduleStates } from './schedule-states.ts';
import { heldBy, reasons } from './slot-reason.ts';

interface Entry extends Runnable {
  readonly timetable: Timetable;
  readonly jitter: (slot: number) => number;
  /** All slots up to here are settled. */
  cursor: number;
  dueAt: number;
  /** The slot that starts once no window holds it. */
  heldSlot: number | undefined;
  /** Why it is to run once, as soon as no window holds it. */
  owed: SlotReason | undefined;
  isEnabled: boolean;
}

const recheckMs = 30_000;
const dayMs = 86_400_000;
/** Of old slots, every 30 s: more than ten schedules by the second add meanwhile, and quickly done. */
const prunedAtOnce = 500;
/** The wall clock is put right by less than this. */
const trustedMs = 60 * 60_000;

export interface SchedulerOptions {
  readonly clock?: Clock;
  /** How long it is known what became of a slot; always, unless told. */
  readonly keptDays?: number;
}

/**
 * Starts what schedules say, each due slot once: over restarts, clock jumps and other controllers on the same store,
 * for a slot is taken in the store before it is started. The next slot is reckoned from the last settled one, not from
 * now. Downtime, and a wall clock that jumps forward, leave slots behind for the misfire policy; a clock that jumps
 * back finds them taken. Timers are monotonic and look again at least every 30 s.
 */
export class Scheduler {
  readonly facts: Feed<SlotFact>;
  /** Runs that failed, and a store that could not be written: such a slot is tried again. */
  readonly problems: Feed<SchedulerProblem>;
  /** Ids of plans that were added, left, enabled or disabled. */
  readonly changes = new Feed<string>();
  readonly #slots: Slots;
  readonly #states: ScheduleStates;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #runs: ScheduleRuns;
  readonly #keptMs: number;
  /** How far the wall clock is before the one that never jumps. */
  readonly #aheadMs: number;
  #prunedAtMs = Number.NEGATIVE_INFINITY;
  #started = false;
  #cancel: (() => void) | undefined;

  constructor(slots: Slots, states: States, { clock = systemClock, keptDays = Infinity }: SchedulerOptions = {}) {
    this.#slots = slots;
    this.#states = new ScheduleStates(states);
    this.#clock = clock;
    this.#keptMs = keptDays * dayMs;
    this.#aheadMs = clock.now() - clock.monotonicMs();
    this.#runs = new ScheduleRuns(slots, this.#clock);
    this.facts = this.#runs.facts;
    this.problems = this.#runs.problems;
  }

  start(): void {
    this.#started = true;
    this.#check();
  }

  /** Starts no more; what runs is left to those who run it. */
  stop(): void {
    this.#started = false;
    this.#cancel?.();
    for (const entry of this.#entries.values()) entry.queue.length = 0;
  }

  /**
   * Takes a plan up, in place of one of the same id: where it was left when its schedule is the same, from now on when
   * it is new or changed. @throws SCHEDULE_INVALID, STORE_FULL
   */
  add(plan: Plan, fire: Fire): void {
    const schedule = parseSchedule(plan.schedule);
    checkMisfire(plan.misfire);
    const timetable = compile(schedule);
    const jitter = jitterOf(plan.id, (plan.jitterSeconds ?? 0) * 1000);
    const since = this.#cursorOf(plan.id, JSON.stringify(schedule));
    const heldSlot = this.#states.held(plan.id);
    const cursor = Math.max(since, heldSlot ?? 0);
    const isEnabled = !this.#states.isDisabled(plan.id);
    const owed = this.#states.owed(plan.id);
    this.remove(plan.id);
    this.#entries.set(plan.id, {
      plan,
      timetable,
      jitter,
      fire,
      queue: [],
      cursor,
      dueAt: 0,
      heldSlot,
      owed,
      isEnabled,
    });
    if (this.#started) this.#check();
    this.changes.publish(plan.id);
  }

  /** Leaves a plan for now, for a deploy or a stop: slots that fall due until it is added again were missed. */
  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry) entry.queue.length = 0;
    if (this.#entries.delete(id)) this.changes.publish(id);
  }

  /** Gives a plan up for good: added again it begins from then on. One that was disabled is then still so. */
  forget(id: string): void {
    this.remove(id);
    this.#states.forget(id);
  }

  /** All plans, also those that are disabled. */
  plans(): readonly Planned[] {
    return [...this.#entries.values()].map(({ plan, timetable, isEnabled }) => ({ plan, timetable, isEnabled }));
  }

  plan(id: string): Planned | undefined {
    return this.#entries.get(id);
  }

  /** How many runs of it go on. */
  running(id: string): number {
    return this.#runs.count(id);
  }

  /**
   * Starts no slots of a plan any more, or those again that fall due from now on; lasts over restarts. What runs is left
   * alone. @throws SCHEDULE_UNKNOWN, STORE_*
   */
  enable(id: string, isEnabled: boolean): void {
    const entry = this.#known(id);
    if (entry.isEnabled === isEnabled) return;
    const now = this.#clock.now();
    if (isEnabled) {
      // What fell due meanwhile is settled: it was disabled.
      this.#states.putAnchor(id, { schedule: JSON.stringify(parseSchedule(entry.plan.schedule)), since: now });
      this.#states.enable(id);
      this.#states.deleteOwed(id);
      entry.owed = undefined;
      entry.cursor = Math.max(entry.cursor, now);
    } else {
      this.#states.disable(id, now);
      this.#giveUpWaiting(entry);
    }
    entry.isEnabled = isEnabled;
    entry.dueAt = 0;
    if (this.#started) this.#check();
    this.changes.publish(id);
  }

  /**
   * Starts it although it is not due, enabled or not. @returns the run; null where it begins once the last has been
   * cancelled. @param asked who asks
   * @throws SCHEDULE_UNKNOWN, SCHEDULE_HELD, SCHEDULE_RUNNING, STORE_*
   */
  runNow(id: string, asked: SlotReason): string | null {
    const entry = this.#known(id);
    const now = this.#clock.now();
    const held = entry.plan.held?.(now);
    if (held) throw new VirtflowError('SCHEDULE_HELD', { schedule: entry.plan.name ?? id, reason: held.says });
    return this.#runs.startNow(entry, { slot: now, late: false, asked });
  }

  /** Has a plan run once, as soon as it is there and no window holds it; on disk until it does. @throws STORE_* */
  owe(id: string, why: SlotReason): void {
    this.#states.putOwed(id, why);
    const entry = this.#entries.get(id);
    if (entry) entry.owed = why;
  }

  /** Windows are others now: looks at what they hold. */
  review(): void {
    for (const entry of this.#entries.values()) if (entry.heldSlot !== undefined || entry.owed) entry.dueAt = 0;
    if (this.#started) this.#check();
  }

  /** When it starts next; undefined when it is not known or has no slot left. Milliseconds since the epoch. */
  next(id: string): number | undefined {
    const entry = this.#entries.get(id);
    if (!entry?.isEnabled) return undefined;
    const now = this.#clock.now();
    const due = nextDueAt(entry, entry.cursor);
    return due !== undefined && due < now ? nextDueAt(entry, now) : due;
  }

  #known(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new VirtflowError('SCHEDULE_UNKNOWN', { schedule: id });
    return entry;
  }

  /** What waits for its turn, or for a window, is not started any more. */
  #giveUpWaiting(entry: Entry): void {
    for (const { slot } of entry.queue.splice(0)) this.#runs.take(entry, slot, 'skipped', reasons.disabled);
    if (entry.heldSlot === undefined) return;
    this.#runs.take(entry, entry.heldSlot, 'skipped', reasons.disabled);
    this.#states.deleteHeld(entry.plan.id);
    entry.heldSlot = undefined;
  }

  #cursorOf(id: string, schedule: string): number {
    const anchor = this.#states.anchor(id);
    const now = this.#clock.now();
    if (anchor?.schedule === schedule) return Math.max(anchor.since, this.#slots.last(id) ?? 0);
    this.#states.deleteHeld(id);
    this.#states.putAnchor(id, { schedule, since: now });
    return now;
  }

  #check(): void {
    this.#cancel?.();
    let waitMs = recheckMs;
    for (const entry of this.#entries.values()) {
      if (!this.#started) return; // what was just started may have stopped us
      this.#settle(entry);
      waitMs = Math.min(waitMs, Math.max(0, entry.dueAt - this.#clock.now()));
    }
    this.#prune();
    if (this.#started) this.#cancel = this.#clock.after(waitMs, () => this.#check());
  }

  /** Not by a clock that was put forward: it may be put back, and no slot is to be had twice. */
  #prune(): void {
    const [now, monotonicMs] = [this.#clock.now(), this.#clock.monotonicMs()];
    if (monotonicMs - this.#prunedAtMs < recheckMs || Math.abs(now - monotonicMs - this.#aheadMs) > trustedMs) return;
    this.#prunedAtMs = monotonicMs;
    try {
      this.#slots.prune(now - this.#keptMs, prunedAtOnce);
    } catch {
      // The disk is full, of which others tell: it is tried again at the next look.
    }
  }

  #settle(entry: Entry): void {
    if (!entry.isEnabled) {
      entry.dueAt = Infinity;
      return;
    }
    const now = this.#clock.now();
    const wentBack = now < entry.cursor;
    if (!wentBack && now < entry.dueAt) return;
    // Slots between now and the cursor that were started are taken; those that were not are still to come.
    if (wentBack) entry.cursor = now;
    try {
      this.#release(entry, now);
      const due = dueSlots(entry.timetable, entry.plan.misfire ?? { policy: 'skip' }, entry.jitter, entry.cursor, now);
      if (due) {
        if (due.missed !== undefined) this.#runs.take(entry, due.missed, 'missed', reasons.missed);
        for (const started of due.run) this.#admit(entry, started);
        entry.cursor = due.cursor;
      }
      const next = nextDueAt(entry, entry.cursor) ?? Infinity;
      entry.dueAt =
        entry.heldSlot === undefined && entry.owed === undefined ? next : Math.min(next, this.#lookAgainAt(entry, now));
    } catch (thrown) {
      entry.dueAt = now + recheckMs;
      this.#runs.report(entry, thrown);
    }
  }

  #lookAgainAt({ plan }: Entry, now: number): number {
    return Math.min(plan.held?.(now)?.until ?? Infinity, now + recheckMs);
  }

  /** Starts the slot that a window held, once none does. */
  #release(entry: Entry, now: number): void {
    const { heldSlot: slot, owed, plan } = entry;
    if ((slot === undefined && owed === undefined) || plan.held?.(now)) return;
    if (owed !== undefined) this.#payOff(entry, owed, now);
    if (slot === undefined) return;
    // It counts as held until it has begun: what could not be written is tried again.
    this.#runs.start(entry, { slot, late: true });
    entry.heldSlot = undefined;
    this.#states.deleteHeld(plan.id);
  }

  /** Struck off before it starts, as a slot is taken before it does: at most one run, whenever the process dies. */
  #payOff(entry: Entry, asked: SlotReason, now: number): void {
    this.#states.deleteOwed(entry.plan.id);
    entry.owed = undefined;
    try {
      this.#runs.start(entry, { slot: now, late: true, asked });
    } catch (thrown) {
      entry.owed = asked;
      this.#states.putOwed(entry.plan.id, asked);
      throw thrown;
    }
  }

  /** It is on disk before it counts as settled; killed in between, the slot is due once more. */
  #hold(entry: Entry, slot: number): void {
    const { plan, heldSlot } = entry;
    if (heldSlot !== undefined) this.#runs.take(entry, heldSlot, 'skipped', reasons.replaced);
    this.#states.putHeld(plan.id, slot);
    entry.heldSlot = slot;
  }

  #admit(entry: Entry, due: Started): void {
    const held = entry.plan.held?.(this.#clock.now());
    if (!held) this.#runs.start(entry, due);
    else if (held.runsAfter || entry.plan.whenHeld === 'after') this.#hold(entry, due.slot);
    else this.#runs.take(entry, due.slot, 'skipped', heldBy(held));
  }
}

function nextDueAt({ timetable, jitter }: Entry, after: number): number | undefined {
  const [slot] = timetable.next(1, after);
  return slot === undefined ? undefined : slot + jitter(slot);
}

function checkMisfire(misfire: Misfire | undefined): void {
  if (misfire?.policy !== 'all') return;
  const { limit } = misfire;
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return;
  throw new VirtflowError('SCHEDULE_INVALID', { reason: 'between 1 and 1000 missed runs can be caught up with' });
}
