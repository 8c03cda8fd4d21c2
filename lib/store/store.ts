import type { Account, TokenRecord } from '../access/account.ts';
import type { AuditHead, AuditRow } from '../access/audit/chain.ts';
import type { OwnRole } from '../access/role.ts';
import type { HistoryFilter, Operation } from '../operations/operation.ts';
import type { RecordedStep, RunStep, RunSummary } from '../runs/step.ts';

/**
 * What must survive a crash and a power cut. Every method that writes returns after the data is on disk. Two engines
 * stand behind it: SQLite inside, PostgreSQL for several controllers; one contract test holds both.
 * All throw STORE_FULL and STORE_BROKEN.
 */
export interface Store {
  readonly journal: Journal;
  readonly slots: Slots;
  readonly states: States;
  readonly access: AccessTables;
  readonly runs: RunTable;
  /**
   * Runs what reads and writes this store as one: all of it is on disk when it returns, or, when it throws, nothing of
   * it ever is. Nobody else writes meanwhile. One inside another is part of it.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

export interface Journal {
  /** Records a new operation; answers the one that the same idempotency key started before, if there is one. */
  insert(operation: Operation, idempotencyKey?: string): Operation;
  /** The operation that an idempotency key started before. */
  started(idempotencyKey: string): Operation | undefined;
  /** Records a transition, whole. */
  update(operation: Operation): void;
  get(id: string): Operation | undefined;
  /** Operations that have not ended, oldest first. */
  unfinished(): readonly Operation[];
  history(filter: HistoryFilter): readonly Operation[];
  /** Forgets ended operations older than `before` (ms since the epoch) and tells how many. */
  prune(before: number): number;
  /** Runs what records several of them as one: all of it is on disk when it returns, or nothing when it throws. */
  together(work: () => void): void;
}

/** Schedule slots: each is taken once, over restarts and clock jumps (`facts`: unique schedule and slot). */
export interface Slots {
  /** True when this call took the slot; false when it was taken before. Times in ms since the epoch. */
  take(schedule: string, slot: number, at: number, outcome: SlotOutcome, about?: SlotAbout): boolean;
  isTaken(schedule: string, slot: number): boolean;
  /** The latest slot that was taken, of those that fell due: what somebody asked for settles none before it. */
  last(schedule: string): number | undefined;
  /** Those of all schedules from a time until before another, in their order; at most `limit`, the latest. */
  between(from: number, until: number, limit: number): readonly SlotRecord[];
  /** The runs that a schedule began last, latest first. */
  lastRuns(schedule: string, limit: number): readonly string[];
  /** Forgets slots before a time, at most so many at once; the latest that fell due of each schedule is kept. */
  prune(before: number, most: number): void;
}

/** `asked`: it was not due, somebody had it run. */
export type SlotOutcome = 'run' | 'skipped' | 'missed' | 'asked';

/** Why a slot began no run, or one that was not due did. */
export interface SlotReason {
  /** For people, in English. */
  readonly why: string;
  /** What it tells, for whoever puts it into words of another language. */
  readonly facts?: { readonly kind: string; readonly [name: string]: string };
}

/** What became of a slot: the run that it began, or why it began none; of one that was asked for, who did. */
export interface SlotAbout extends Partial<SlotReason> {
  readonly run?: string;
}

export interface SlotRecord extends SlotAbout {
  readonly schedule: string;
  readonly slot: number;
  readonly at: number;
  readonly outcome: string;
}

/** Small named states, replaced whole: rule states, retained facts. */
export interface States {
  get(room: string, key: string): unknown;
  put(room: string, key: string, value: unknown): void;
  delete(room: string, key: string): void;
  list(room: string): readonly { key: string; value: unknown }[];
}

/** What happened in the runs of flows. */
export interface RunTable {
  append(steps: readonly RunStep[]): void;
  /** Of those that began on a tab, or all; at most 200 that had their last step before a time, latest first. */
  list(flow: string | undefined, before: number): readonly RunSummary[];
  get(run: string): RunSummary | undefined;
  steps(run: string, limit: number): readonly RecordedStep[];
  step(run: string, id: number): RecordedStep | undefined;
  /** Forgets runs whose last step was before a time, and the oldest until there are not too many and not too large. */
  prune(before: number, mostRuns: number, mostBytes: number): void;
}

/** Who there is, what they may, and what was done. */
export interface AccessTables {
  readonly accounts: Named<Account>;
  readonly roles: Named<OwnRole>;
  readonly tokens: TokenTable;
  readonly audit: AuditTrail;
}

/** Records by their name, replaced whole, listed in the order of their names. */
export interface Named<T> {
  get(name: string): T | undefined;
  put(name: string, record: T): void;
  delete(name: string): void;
  list(): readonly T[];
}

export interface TokenTable {
  get(id: string): TokenRecord | undefined;
  /** Oldest first. */
  list(): readonly TokenRecord[];
  insert(record: TokenRecord): void;
  /** Notes when it was used last; ms since the epoch. */
  used(id: string, at: number): void;
  delete(id: string): void;
  /** All of an owner's. */
  deleteOf(owner: string): void;
  deleteSessions(owner: string): void;
  /** Forgets sessions that expired before `at` (ms since the epoch). */
  prune(at: number): void;
}

/** The audit record: appended to and read, never changed. */
export interface AuditTrail {
  head(): AuditHead;
  append(row: AuditRow): void;
  /** Those after a sequence number, in order. */
  rows(after: number, limit: number): readonly AuditRow[];
}
