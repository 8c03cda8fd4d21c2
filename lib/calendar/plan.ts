import type { ErrorRecord } from '../model/errors.ts';
import type { SlotAbout, SlotOutcome } from '../store/store.ts';
import type { Misfire } from './due.ts';
import type { Schedule, Timetable } from './schedule.ts';
import type { TimedWindow, Window } from './window.ts';

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
  /** What keeps it from starting at a moment: windows, those that there are unless others are given. */
  readonly held?: (at: number, windows?: readonly TimedWindow[]) => Held | undefined;
  /** A slot that is held is left out (`skip`), or starts when it may, once for all that were held. */
  readonly whenHeld?: 'skip' | 'after';
}

/** The window that holds something: what people call it, and why it is there. */
export interface HoldingWindow {
  readonly kind: Window['kind'];
  readonly name: string;
  readonly reason: string;
}

export interface Held {
  /** The id of the window. */
  readonly window?: string;
  readonly by?: HoldingWindow;
  readonly says: string;
  /** When it may start; null when that is not known. */
  readonly until: number | null;
  /** Whether what it holds starts then, whatever the plan says. */
  readonly runsAfter?: boolean;
}

export interface DueSlot {
  readonly schedule: string;
  /** When it was due, milliseconds since the epoch. */
  readonly slot: number;
  /** When it was started. */
  readonly at: number;
  /** Whether it is caught up with after it had been missed. */
  readonly late: boolean;
  /** Whether it was not due, and somebody had it run. */
  readonly asked: boolean;
  /** The run that it begins: marks what comes of it. */
  readonly run: string;
}

/** With why it did not run, or who had it run. */
export interface SlotFact extends SlotAbout {
  readonly schedule: string;
  readonly slot: number;
  readonly at: number;
  /**
   * `missed` stands for all slots that were missed up to this one; `skipped`: an earlier run went on, or a window;
   * `asked`: somebody had it run.
   */
  readonly outcome: SlotOutcome;
}

export interface SchedulerProblem {
  readonly schedule: string;
  readonly error: ErrorRecord;
}

/** Starts the work of a slot; what it returns tells when the run is over. It is to end when the signal is aborted. */
export type Fire = (slot: DueSlot, signal: AbortSignal) => Promise<void> | void;

/** A plan as it stands. */
export interface Planned {
  readonly plan: Plan;
  readonly timetable: Timetable;
  readonly isEnabled: boolean;
}
