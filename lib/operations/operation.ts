import type { PlannedChange, Undo } from '../actions/action.ts';
import type { CallRecord, HypervisorTask } from '../drivers/job.ts';
import type { ErrorRecord } from '../model/errors.ts';
import type { ObjectRef } from '../model/reference.ts';
import type { GroupShape } from './groups/group.ts';

/**
 * `queued → running → succeeded | failed | partial | cancelled`; `interrupted` when the process died under it, until
 * it is settled by asking the hypervisor. `waiting` is for approvals, windows and budgets; `planned` is a plan's end;
 * `refused` was never begun.
 */
export type OperationState =
  | 'queued'
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'partial'
  | 'cancelled'
  | 'interrupted'
  | 'planned'
  | 'refused';

export const endStates: ReadonlySet<OperationState> = new Set([
  'succeeded',
  'failed',
  'partial',
  'cancelled',
  'planned',
  'refused',
]);

export type OperationMode = 'run' | 'plan';

/** Who asked, and through what. */
export interface Origin {
  /** `external`: virtflow did not begin it; its hypervisor tells of it. */
  readonly through: 'flow' | 'mqtt' | 'rest' | 'cli' | 'test' | 'external';
  readonly principal: string;
  /** Of a flow that runs as a service of somebody's (`principal`): whose it is. */
  readonly owner?: string;
  /** The API token that they came with, by its public part: the operation may no more than it does, when its turn comes too. */
  readonly token?: string;
  /** Node-RED's ids, for a jump to the canvas. */
  readonly flow?: string;
  readonly node?: string;
  /** What one trigger set off, over all nodes of its flow. */
  readonly run?: string;
  /** The message of an action node that asked for it; see `lib/runs/delivery.ts`. */
  readonly delivery?: string;
}

/** To make something new on a connection. */
export interface ConnectionTarget {
  readonly connection: string;
  readonly kind: 'connection';
}

/** Several operations as one: its members have targets of their own. */
export interface GroupTarget {
  readonly connection: '';
  readonly kind: 'group';
}

export type OperationTarget = ObjectRef | ConnectionTarget | GroupTarget;

/** The object that an operation changes; null when it makes something new, or is a group. */
export function objectOf(target: OperationTarget): ObjectRef | null {
  return target.kind === 'connection' || target.kind === 'group' ? null : target;
}

/** A fact that a decision was made on, for people (`says`) and for programs. */
export interface Fact {
  readonly rule: string;
  readonly says: string;
  readonly [key: string]: unknown;
}

/** What is asked for. */
export interface OperationRequest {
  readonly action: string;
  readonly target: ObjectRef | ConnectionTarget;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly origin: Origin;
  readonly timeoutSeconds?: number;
  /** `plan` tells what would be done and changes nothing; `run` when it is not given. */
  readonly mode?: OperationMode;
  /** Whether it needs an approval of its own (`always`), or none where a policy lets it (`never`). */
  readonly approval?: 'always' | 'never';
  /** The same key never starts a second operation: the first is answered. A plan and a run do not share one. */
  readonly idempotencyKey?: string;
  /** The group that it is a member of, and its place there. */
  readonly parent?: string;
  readonly member?: number;
  /** The operation that it takes back. */
  readonly undoes?: string;
  /** Properties that the target is taken to have; for plans alone, where a step before would bring them about. */
  readonly assume?: Readonly<Record<string, unknown>>;
  /** Lists leave it out unless they are asked for it; it is recorded and audited like any other. */
  readonly quiet?: boolean;
}

/** A changing call that was about to be sent; whether it was answered, `calls` tells. */
export interface SentCall {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** An operation as the journal has it; every transition is on disk before anyone hears of it. */
export interface Operation {
  /** UUID version 7: sorts by time. */
  readonly id: string;
  readonly action: string;
  readonly target: OperationTarget;
  readonly targetName: string;
  /** All objects that it concerns: its target, the host that carries it, the pools and networks that it uses. */
  readonly touches?: readonly ObjectRef[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly origin: Origin;
  /** Operations from before there were plans have none: they were run. */
  readonly mode?: OperationMode;
  readonly approval?: 'always' | 'never';
  readonly parent?: string;
  readonly member?: number;
  readonly undoes?: string;
  /** The group whose failed members it tries again. */
  readonly retries?: string;
  readonly assume?: Readonly<Record<string, unknown>>;
  /** Routine that only whoever looks for it wants to see. */
  readonly quiet?: boolean;
  /** What a group consists of. */
  readonly group?: GroupShape;
  readonly state: OperationState;
  /** 0 to 1 */
  readonly progress: number;
  readonly step: string | null;
  /** Milliseconds since the epoch. */
  readonly queuedAt: number;
  /** When it was let go on after it had been kept waiting. */
  readonly releasedAt?: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly timeoutSeconds: number;
  readonly task: HypervisorTask | null;
  readonly calls: readonly CallRecord[];
  /** The changing calls that left, each recorded before its first byte: without one, nothing was changed. */
  readonly sent: readonly SentCall[];
  /** `changed: false` tells a no-op; of a plan, the plan. */
  readonly result: Readonly<Record<string, unknown>> | null;
  /** What it set out to change, from the state before; captured when its turn came. */
  readonly changes?: readonly PlannedChange[];
  /** What takes it back, captured from the state before. */
  readonly undo?: Undo;
  readonly error: ErrorRecord | null;
  readonly why: readonly Fact[];
  /** Whether the hypervisor lets it be stopped; only external ones say so. */
  readonly cancellable?: boolean;
}

/**
 * A transition or progress of an operation. `ended` and `settled` bring its end; `settled` is the end of one that was
 * interrupted, as the hypervisor told it.
 */
export interface OperationEvent {
  readonly type: 'queued' | 'waiting' | 'released' | 'started' | 'progress' | 'interrupted' | 'ended' | 'settled';
  readonly operation: Operation;
}

/** A place in the history, which goes by time and, within a millisecond, by id. */
export type HistoryPlace = Pick<Operation, 'queuedAt' | 'id'>;

export interface HistoryFilter {
  /** Operations that touch it, whether or not it is their target. */
  readonly object?: ObjectRef;
  readonly connection?: string;
  readonly action?: string;
  readonly states?: readonly OperationState[];
  readonly parent?: string;
  readonly undoes?: string;
  readonly run?: string;
  /** Who asked, and through what. */
  readonly principal?: string;
  readonly through?: Origin['through'];
  /** The tab, and the node, that set it off. */
  readonly flow?: string;
  readonly node?: string;
  readonly mode?: OperationMode;
  /** False leaves out what was asked for as quiet. */
  readonly quiet?: boolean;
  /** False leaves out the members of groups. */
  readonly members?: boolean;
  /** Words of which each stands in its action, its target's name, its connection, who asked, or its error's code. */
  readonly text?: string;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly before?: number;
  /** Those that came to a new state since then or may still; milliseconds since the epoch. */
  readonly changedSince?: number;
  /** Those that come after this one in the list: where the last page ended. */
  readonly after?: HistoryPlace;
  /** At most 1,000; 100 when it is not given. Newest first. */
  readonly limit?: number;
}
