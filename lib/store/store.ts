import type { HistoryFilter, Operation } from '../operations/operation.ts';

/**
 * What must survive a crash and a power cut. Every method that writes returns after the data is on disk. Two engines
 * stand behind it: SQLite inside, PostgreSQL for several controllers; one contract test holds both.
 * All throw STORE_FULL and STORE_BROKEN.
 */
export interface Store {
  readonly journal: Journal;
  readonly slots: Slots;
  readonly states: States;
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
}

/** Schedule slots: each is taken once, over restarts and clock jumps (`facts`: unique schedule and slot). */
export interface Slots {
  /** True when this call took the slot; false when it was taken before. Times in ms since the epoch. */
  take(schedule: string, slot: number, at: number, outcome: 'run' | 'skipped' | 'missed'): boolean;
  /** The latest slot that was taken. */
  last(schedule: string): number | undefined;
  history(schedule: string, limit: number): readonly { slot: number; at: number; outcome: string }[];
}

/** Small named states, replaced whole: rule states, retained facts. */
export interface States {
  get(room: string, key: string): unknown;
  put(room: string, key: string, value: unknown): void;
  delete(room: string, key: string): void;
  list(room: string): readonly { key: string; value: unknown }[];
}
