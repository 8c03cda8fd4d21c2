import { type ErrorRecord, toVirtflowError, VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import { operationId } from '../operations/id.ts';
import type { SlotAbout, SlotOutcome, Slots, States } from '../store/store.ts';
import { type Clock, systemClock } from './clock.ts';
import { dueSlots, jitterOf, type Misfire } from './due.ts';
import { compile, parseSchedule, type Schedule, type Timetable } from './schedule.ts';

export type { Misfire } from './due.ts';

/** What to do about a slot that falls due while the run of an earlier one still goes on. */
export type Overlap = 'skip' | 'queue' | 'cancel' | 'parallel';

export interface Plan {
  /** Lasting and unique; slots are kept under it. */
  readonly id: string;
  readonly schedule: Schedule;
  /** `{ policy: 'skip' }` when not given. */
  readonly misfire?: Misfire;
  /** `skip` when not given. */
  readonly overlap?: Overlap;
  /** Each slot is started up to so much later, to spread what would start together. */
  readonly jitterSeconds?: number;
  /** How people call it, and the tab it stands on. */
  readonly name?: string;
  readonly flow?: string;
  /** What keeps it from starting at a moment: windows. */
  readonly held?: (at: number) => Held | undefined;
  /** A slot that is held is left out (`skip`), or starts when it may, once for all that were held. */
  readonly whenHeld?: 'skip' | 'after';
}

export interface Held {
  readonly says: string;
  /** When it may start; null when that is not known. */
  readonly until: number | null;
}

export interface DueSlot {
  readonly schedule: string;
  /** When it was due, milliseconds since the epoch. */
  readonly slot: number;
  /** When it was started. */
  readonly at: number;
  /** Whether it is caught up with after it had been missed. */
  readonly late: boolean;
  /** The run that it begins: marks what comes of it. */
  readonly run: string;
}

export interface SlotFact {
  readonly schedule: string;
  readonly slot: number;
  readonly at: number;
  /** `missed` stands for all slots that were missed up to this one; `skipped`: an earlier run went on, or a window. */
  readonly outcome: SlotOutcome;
  readonly run?: string;
  /** Why it did not run. */
  readonly why?: string;
}

export interface SchedulerProblem {
  readonly schedule: string;
  readonly error: ErrorRecord;
}

/** Starts the work of a slot; what it returns tells when the run is over. It is to end when the signal is aborted. */
export type Fire = (slot: DueSlot, signal: AbortSignal) => Promise<void> | void;

type Started = Pick<DueSlot, 'slot' | 'late'>;

interface Entry {
  readonly plan: Plan;
  readonly timetable: Timetable;
  readonly jitter: (slot: number) => number;
  readonly fire: Fire;
  readonly queue: Started[];
  /** All slots up to here are settled. */
  cursor: number;
  dueAt: number;
  /** The slot that starts once no window holds it. */
  heldSlot: number | undefined;
}

const recheckMs = 30_000;
const queueLimit = 1_000;
const room = 'schedules';
const heldRoom = 'schedules-held';

const reasons = {
  missed: 'Nobody could start it in its time: virtflow did not run, or the clock was put forward.',
  overlap: 'An earlier run still went on.',
  replaced: 'A later slot took its place.',
} as const;

/**
 * Starts what schedules say, each due slot once: over restarts, clock jumps and other controllers on the same store,
 * for a slot is taken in the store before it is started. The next slot is reckoned from the last settled one, not from
 * now. Downtime, and a wall clock that jumps forward, leave slots behind for the misfire policy; a clock that jumps
 * back finds them taken. Timers are monotonic and look again at least every 30 s.
 */
export class Scheduler {
  readonly facts = new Feed<SlotFact>();
  /** Runs that failed, and a store that could not be written: such a slot is tried again. */
  readonly problems = new Feed<SchedulerProblem>();
  readonly #slots: Slots;
  readonly #states: States;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** How many runs go on under an id, also while its plan is being replaced. */
  readonly #running = new Map<string, Set<AbortController>>();
  #started = false;
  #cancel: (() => void) | undefined;

  constructor(slots: Slots, states: States, options: { readonly clock?: Clock } = {}) {
    this.#slots = slots;
    this.#states = states;
    this.#clock = options.clock ?? systemClock;
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
    const heldSlot = slotIn(this.#states.get(heldRoom, plan.id));
    const cursor = Math.max(since, heldSlot ?? 0);
    this.remove(plan.id);
    this.#entries.set(plan.id, { plan, timetable, jitter, fire, queue: [], cursor, dueAt: 0, heldSlot });
    if (this.#started) this.#check();
  }

  /** Leaves a plan for now, for a deploy or a stop: slots that fall due until it is added again were missed. */
  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry) entry.queue.length = 0;
    this.#entries.delete(id);
  }

  /** Gives a plan up for good, or until it is enabled again: added again it begins from then on. */
  forget(id: string): void {
    this.remove(id);
    this.#states.delete(room, id);
    this.#states.delete(heldRoom, id);
  }

  /** What there is to start, by the plans of those that have one. */
  plans(): readonly { readonly plan: Plan; readonly timetable: Timetable }[] {
    return [...this.#entries.values()].map(({ plan, timetable }) => ({ plan, timetable }));
  }

  /** Windows are others now: looks at what they hold. */
  review(): void {
    for (const entry of this.#entries.values()) if (entry.heldSlot !== undefined) entry.dueAt = 0;
    if (this.#started) this.#check();
  }

  /** When it starts next; undefined when it is not known or has no slot left. Milliseconds since the epoch. */
  next(id: string): number | undefined {
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    const now = this.#clock.now();
    const due = nextDueAt(entry, entry.cursor);
    return due !== undefined && due < now ? nextDueAt(entry, now) : due;
  }

  #cursorOf(id: string, schedule: string): number {
    const anchor = anchorOf(this.#states.get(room, id));
    const now = this.#clock.now();
    if (anchor?.schedule === schedule) return Math.max(anchor.since, this.#slots.last(id) ?? 0);
    this.#states.delete(heldRoom, id);
    this.#states.put(room, id, { schedule, since: now });
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
    if (this.#started) this.#cancel = this.#clock.after(waitMs, () => this.#check());
  }

  #settle(entry: Entry): void {
    const now = this.#clock.now();
    const wentBack = now < entry.cursor;
    if (!wentBack && now < entry.dueAt) return;
    // Slots between now and the cursor that were started are taken; those that were not are still to come.
    if (wentBack) entry.cursor = now;
    try {
      this.#release(entry, now);
      const due = dueSlots(entry.timetable, entry.plan.misfire ?? { policy: 'skip' }, entry.jitter, entry.cursor, now);
      if (due) {
        if (due.missed !== undefined) this.#take(entry, due.missed, 'missed', { why: reasons.missed });
        for (const started of due.run) this.#admit(entry, started);
        entry.cursor = due.cursor;
      }
      const next = nextDueAt(entry, entry.cursor) ?? Infinity;
      entry.dueAt = entry.heldSlot === undefined ? next : Math.min(next, this.#lookAgainAt(entry, now));
    } catch (thrown) {
      entry.dueAt = now + recheckMs;
      this.#report(entry, thrown);
    }
  }

  #lookAgainAt({ plan }: Entry, now: number): number {
    return Math.min(plan.held?.(now)?.until ?? Infinity, now + recheckMs);
  }

  /** Starts the slot that a window held, once none does. */
  #release(entry: Entry, now: number): void {
    const { heldSlot: slot, plan } = entry;
    if (slot === undefined || plan.held?.(now)) return;
    entry.heldSlot = undefined;
    this.#start(entry, { slot, late: true });
    this.#states.delete(heldRoom, plan.id);
  }

  /** It is on disk before it counts as settled; killed in between, the slot is due once more. */
  #hold(entry: Entry, slot: number): void {
    const { plan, heldSlot } = entry;
    if (heldSlot !== undefined) this.#take(entry, heldSlot, 'skipped', { why: reasons.replaced });
    this.#states.put(heldRoom, plan.id, { slot });
    entry.heldSlot = slot;
  }

  #admit(entry: Entry, due: Started): void {
    const held = entry.plan.held?.(this.#clock.now());
    if (!held) this.#start(entry, due);
    else if (entry.plan.whenHeld === 'after') this.#hold(entry, due.slot);
    else this.#take(entry, due.slot, 'skipped', { why: held.says });
  }

  #start(entry: Entry, due: Started): void {
    const overlap = entry.plan.overlap ?? 'skip';
    const waits = overlap === 'queue' || due.late; // runs that are caught up with come one after the other
    if (overlap === 'parallel' || !this.#isRunning(entry)) this.#run(entry, due);
    else if (overlap === 'cancel') this.#replace(entry, due);
    else if (waits && entry.queue.length < queueLimit) entry.queue.push(due);
    else this.#take(entry, due.slot, 'skipped', { why: reasons.overlap });
  }

  /** What runs is told to end; the latest slot begins when it has. */
  #replace(entry: Entry, due: Started): void {
    for (const { slot } of entry.queue.splice(0)) this.#take(entry, slot, 'skipped', { why: reasons.replaced });
    entry.queue.push(due);
    for (const running of this.#running.get(entry.plan.id) ?? []) running.abort();
  }

  #run(entry: Entry, { slot, late }: Started): void {
    const run = operationId();
    if (!this.#take(entry, slot, 'run', { run })) return;
    try {
      const ending = new AbortController();
      const due = { schedule: entry.plan.id, slot, at: this.#clock.now(), late, run };
      const over = entry.fire(due, ending.signal);
      if (over instanceof Promise) void this.#follow(entry, over, ending);
    } catch (thrown) {
      this.#report(entry, thrown);
    }
  }

  async #follow(entry: Entry, run: Promise<void>, ending: AbortController): Promise<void> {
    const running = this.#running.get(entry.plan.id) ?? new Set();
    this.#running.set(entry.plan.id, running.add(ending));
    try {
      await run;
    } catch (thrown) {
      this.#report(entry, thrown);
    }
    running.delete(ending);
    this.#runQueued(entry);
  }

  #runQueued(entry: Entry): void {
    try {
      while (!this.#isRunning(entry)) {
        const next = entry.queue.shift();
        if (!next) return;
        this.#run(entry, next);
      }
    } catch (thrown) {
      this.#report(entry, thrown);
    }
  }

  #isRunning({ plan }: Entry): boolean {
    return (this.#running.get(plan.id)?.size ?? 0) > 0;
  }

  #take(entry: Entry, slot: number, outcome: SlotOutcome, about: SlotAbout): boolean {
    const at = this.#clock.now();
    const taken = this.#slots.take(entry.plan.id, slot, at, outcome, about);
    if (taken) this.facts.publish({ schedule: entry.plan.id, slot, at, outcome, ...about });
    return taken;
  }

  #report(entry: Entry, thrown: unknown): void {
    this.problems.publish({ schedule: entry.plan.id, error: toVirtflowError(thrown).toJSON() });
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

function anchorOf(value: unknown): { readonly schedule: string; readonly since: number } | undefined {
  if (typeof value !== 'object' || value === null || !('schedule' in value) || !('since' in value)) return undefined;
  const { schedule, since } = value;
  return typeof schedule === 'string' && typeof since === 'number' ? { schedule, since } : undefined;
}

function slotIn(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('slot' in value)) return undefined;
  return typeof value.slot === 'number' ? value.slot : undefined;
}
