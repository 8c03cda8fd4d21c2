import type { ObjectRef } from '../model/reference.ts';
import type { Severity } from '../rules/levels.ts';
import type { Subject } from '../rules/tracked.ts';
import type { Why } from '../rules/why.ts';

/** What a rule tells of an object: the engine's own transitions, and those of the built-in rules. */
export interface AlertTransition extends Subject {
  readonly rule: string;
  readonly ruleName: string;
  /** Counts the transitions of one object under one rule. */
  readonly sequence: number;
  readonly type: string;
  readonly at: number;
  readonly status: string;
  readonly severity: Severity | null;
  readonly value: number | null;
  readonly why: Why;
  /** Where nothing will ever tell that it is over: it ends by itself at this time, unless it is told again. */
  readonly endsAt?: number;
  /** Whether whatever depends on the object fails with it. Without it, what the rule judges decides. */
  readonly isOutage?: boolean;
}

/**
 * `gone`: the object vanished, which says nothing of the cause. `withdrawn`: its rule was taken away,
 * or does not count for the object any more.
 */
export const alertStates = ['firing', 'no-data', 'error', 'resolved', 'gone', 'withdrawn'] as const;
export type AlertBase = (typeof alertStates)[number];

export const ongoingStates: ReadonlySet<AlertBase> = new Set<AlertBase>(['firing', 'no-data', 'error']);

/** Something that happened to an alert, for people to look back on. */
export interface HistoryEntry {
  readonly at: number;
  readonly what:
    | 'firing'
    | 'severity'
    | 'no-data'
    | 'error'
    | 'resolved'
    | 'gone'
    | 'withdrawn'
    | 'acknowledged'
    | 'unacknowledged'
    | 'silenced'
    | 'unsilenced'
    | 'told'
    | 'not-told'
    | 'delivered'
    | 'undelivered';
  readonly says: string;
  readonly about?: Readonly<Record<string, unknown>>;
}

export interface Acknowledgement {
  readonly by: string;
  readonly at: number;
  readonly comment: string;
}

/** One alert: an object under a rule, while it lasts and for a time after. */
export interface AlertRecord extends Subject {
  readonly id: string;
  readonly rule: string;
  readonly ruleName: string;
  readonly connection: string;
  readonly state: AlertBase;
  readonly severity: Severity;
  /** When it began, milliseconds since the epoch. */
  readonly since: number;
  readonly endedAt: number | null;
  readonly value: number | null;
  readonly why: Why;
  readonly acknowledged: Acknowledgement | null;
  /** The silence that keeps people from being told. */
  readonly silenced: { readonly id: string; readonly by: string; readonly until: number } | null;
  /** Of the last transition that was taken. */
  readonly sequence: number;
  readonly at: number;
  readonly endsAt: number | null;
  /** When it began in the last hour or so: what begins too often flaps. */
  readonly starts: readonly number[];
  readonly isOutage: boolean;
  /** Its place in the topology, and what it depends on, the nearest first. */
  readonly node: string;
  readonly above: readonly string[];
  /** Who depends on it, as it was when it began: the content of the incident. */
  readonly affected: readonly { readonly ref: ObjectRef; readonly name: string }[];
  readonly history: readonly HistoryEntry[];
}

export function isOngoing({ state }: Pick<AlertRecord, 'state'>): boolean {
  return ongoingStates.has(state);
}

const historyKept = 200;

export function withHistory(alert: AlertRecord, ...entries: readonly HistoryEntry[]): AlertRecord {
  return { ...alert, history: [...alert.history, ...entries].slice(-historyKept) };
}

/** Of what an alert says what it is, in a sentence. */
export function saysOf({ why }: Pick<AlertRecord, 'why'>): string {
  return why.says;
}
