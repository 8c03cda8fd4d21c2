import type { ObjectRef } from '../../model/reference.ts';
import type { ConnectionTarget, OperationMode, Origin } from '../operation.ts';

/**
 * `sequence`: one after the other. `parallel`: so many at once as `limit` says. `per-connection`: in order within each
 * connection, the connections side by side.
 */
export type GroupOrder = 'sequence' | 'parallel' | 'per-connection';

/**
 * What becomes of the rest when a member fails. `stop`: no more are begun. `continue`: they are done all the same.
 * `roll-back`: no more are begun, and what was done is taken back in reverse order.
 */
export type OnError = 'stop' | 'continue' | 'roll-back';

/** One operation of a group. */
export interface ActionMember {
  readonly action: string;
  readonly target: ObjectRef | ConnectionTarget;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds?: number;
  /** Its share of the group's progress, beside those of the others; 1 when it is not given. */
  readonly weight?: number;
  /** The operation that it takes back. */
  readonly undoes?: string;
  /** In a record: not all of its parameters are shown. */
  readonly hides?: boolean;
}

/** A group within a group. */
export interface GroupMember {
  readonly group: GroupShape;
  readonly weight?: number;
  readonly undoes?: string;
}

export type Member = ActionMember | GroupMember;

export interface GroupShape {
  readonly title: string;
  readonly order: GroupOrder;
  readonly onError: OnError;
  /** How many members run at once in `parallel`; 10 when it is not given. */
  readonly limit?: number;
  readonly members: readonly Member[];
}

/** What is asked for as one. */
export interface GroupRequest extends GroupShape {
  readonly origin: Origin;
  readonly mode?: OperationMode;
  readonly timeoutSeconds?: number;
  readonly idempotencyKey?: string;
  readonly parent?: string;
  readonly member?: number;
  readonly undoes?: string;
  /** The group whose failed members are tried again. */
  readonly retries?: string;
}

/** How one member ended. */
export interface MemberOutcome {
  readonly member: number;
  /** Null when it was not begun. */
  readonly operation: string | null;
  readonly action: string;
  readonly name: string;
  readonly state: string;
  readonly result?: unknown;
  readonly error?: unknown;
  /** Why it was not begun. */
  readonly because?: string;
}

export const defaultLimit = 10;
export const largestGroup = 10_000;
export const deepestGroup = 5;
/** A group waits for its members, however long they take; a week is as good as for ever. */
export const longestSeconds = 7 * 24 * 3600;

export function isGroup(member: Member): member is GroupMember {
  return 'group' in member;
}

export function weightOf({ weight = 1 }: Member): number {
  return weight;
}

/** A member as it is asked for. */
export function requestOf({ action, target, parameters, timeoutSeconds }: ActionMember) {
  return { action, target, parameters, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) };
}
