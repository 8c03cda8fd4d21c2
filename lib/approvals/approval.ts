import type { Permission } from '../access/permission.ts';
import type { Danger } from '../actions/action.ts';
import type { OperationTarget, Origin } from '../operations/operation.ts';
import type { Plan } from '../operations/plan.ts';
import type { BlastRadius } from './blast-radius.ts';
import type { ApprovalForm, FormValues } from './form.ts';
import type { Terms } from './policy.ts';

export type ApprovalState = 'pending' | 'granted' | 'denied' | 'expired' | 'withdrawn';
export const approvalStates: readonly ApprovalState[] = ['pending', 'granted', 'denied', 'expired', 'withdrawn'];

/** An operation that waits. Its approval has the operation's id. */
export interface OperationSubject {
  readonly type: 'operation';
  readonly action: string;
  readonly danger: Danger;
  readonly target: OperationTarget;
  readonly targetName: string;
}

/** A message that a gate holds back in a flow. */
export interface MessageSubject {
  readonly type: 'message';
  readonly node: string;
  readonly nodeName: string;
}

/** By which way an answer came. */
export type AnswerWay = 'editor' | 'rest' | 'mqtt' | 'link' | 'cli';

export interface Answer {
  readonly by: string;
  readonly via: AnswerWay;
  readonly decision: 'grant' | 'deny';
  readonly form: FormValues;
  readonly comment: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly round: number;
  /** The one-time part of the link that it came by. */
  readonly link?: string;
}

/** What somebody is asked to approve, whole: nobody needs to look elsewhere to decide. */
export interface Approval extends Omit<Terms, 'form'> {
  readonly id: string;
  readonly subject: OperationSubject | MessageSubject;
  readonly asker: Origin;
  /** The permission that the asker lacks and a grant lends, for this operation alone. */
  readonly lends: Permission | null;
  readonly form: ApprovalForm | null;
  /** Raised when what would be done is not any more what was shown: earlier answers do not count then. */
  readonly round: number;
  /** Why it is asked anew. */
  readonly reason: string | null;
  readonly state: ApprovalState;
  readonly plan: Plan | null;
  readonly blast: BlastRadius | null;
  /** Of what would be done, for comparing. */
  readonly digest: string | null;
  /** Of all rounds, oldest first. */
  readonly answers: readonly Answer[];
  /** Milliseconds since the epoch. */
  readonly requestedAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | null;
}

export interface ApprovalEvent {
  readonly type: 'requested' | 'answered' | 'granted' | 'denied' | 'expired' | 'withdrawn';
  readonly approval: Approval;
}

/** The answers that count now. */
export function answersOf({ answers, round }: Approval): readonly Answer[] {
  return answers.filter((answer) => answer.round === round);
}

/** Who has granted it in this round. */
export function granters(approval: Approval): readonly string[] {
  return answersOf(approval).flatMap(({ by, decision }) => (decision === 'grant' ? [by] : []));
}
