import { createHash } from 'node:crypto';
import type { Access } from '../access/access.ts';
import { canonical } from '../access/audit/chain.ts';
import type { Candidate, Guard, Hold, Passage } from '../operations/guard.ts';
import type { Operation } from '../operations/operation.ts';
import { intentOf, type Plan, planOf } from '../operations/plan.ts';
import type { FreshTarget } from '../operations/world.ts';
import { type Approval, granters } from './approval.ts';
import type { Approvals, Question } from './approvals.ts';
import { blastRadius } from './blast-radius.ts';
import type { Demand, Demands } from './demand.ts';
import { approvedFacts, waitsForApproval } from './facts.ts';
import { refuseUnlessGranted, silenceGrants } from './outcome.ts';

export interface ApprovalGuardParts {
  readonly approvals: Approvals;
  readonly demands: Demands;
  readonly access: Access;
  /** Operations that have not ended and touch the same object. */
  readonly unfinished: (operation: Operation) => readonly Operation[];
}

/** A candidate whose target is at hand. */
type Visible = Candidate & { readonly target: FreshTarget };

/**
 * Holds operations until somebody has approved them. At the turn all is looked at again: what would be done, the
 * policies, and the rights of those who approved. Where one of it has changed, it is asked anew.
 */
export class ApprovalGuard implements Guard {
  readonly #parts: ApprovalGuardParts;

  constructor(parts: ApprovalGuardParts) {
    this.#parts = parts;
  }

  /** @throws APPROVAL_DENIED, APPROVAL_EXPIRED, TOKEN_INVALID, STORE_* */
  async pass(candidate: Candidate): Promise<Passage> {
    const { operation, moment, target } = candidate;
    const record = this.#parts.approvals.find(operation.id);
    // It was kept waiting: what the hypervisor has by now is looked at when its turn comes.
    if (target === undefined) return this.#asLeft(operation, record);
    const visible = { ...candidate, target };
    const demand = await this.#demand(visible);
    if (!demand) return { why: [] };
    const question = this.#question(visible, demand);
    if (moment === 'turn' && record) return this.#again(record, question, demand);
    return { why: [], hold: this.#hold(question, null) };
  }

  #asLeft(operation: Operation, record: Approval | undefined): Passage {
    if (!record || record.state === 'granted' || record.state === 'withdrawn') return { why: [] };
    refuseUnlessGranted(record);
    const over = async (signal: AbortSignal) => void (await this.#parts.approvals.granted(operation.id, signal));
    return { why: [], hold: { why: waitsForApproval(record, record.reason), over } };
  }

  async #again(record: Approval, question: Question, demand: Demand): Promise<Passage> {
    if (record.state === 'denied' || record.state === 'expired') refuseUnlessGranted(record);
    const reason = await this.#reasonToAskAnew(record, question, demand);
    if (reason === undefined) return { why: approvedFacts(record) };
    return { why: [], hold: this.#hold(question, reason) };
  }

  /** Undefined when what was approved is what would be done, and those who approved it still may. */
  async #reasonToAskAnew(record: Approval, question: Question, { terms, lends }: Demand): Promise<string | undefined> {
    if (record.state !== 'granted') return 'it was not granted yet';
    if (record.digest !== question.digest) return 'what would be done has changed since it was approved';
    if (record.policy !== terms.policy) return `another policy counts by now: ${terms.policy}`;
    if (record.lends?.id !== lends?.id) return 'the rights of whoever asked have changed since';
    const asked = { ...record, ...terms, lends };
    if (granters(record).length === 0 && silenceGrants(asked)) return undefined;
    const still = await this.#stillMay(asked);
    if (still >= terms.quorum) return undefined;
    return `of those who approved it, ${still} may by now, and ${terms.quorum} must`;
  }

  async #stillMay(approval: Approval): Promise<number> {
    const { approvals, access } = this.#parts;
    let count = 0;
    for (const name of granters(approval)) {
      if (await approvals.answerers.may(access.principals.named(name), approval)) count += 1;
    }
    return count;
  }

  #demand({ operation, action, target }: Visible): Promise<Demand | undefined> {
    const { origin, approval } = operation;
    return this.#parts.demands.of({ action, origin, target: operation.target, object: target, approval });
  }

  #question({ operation, action, parameters, target, others }: Visible, { terms, lends }: Demand): Question {
    const intent = intentOf(action, { target, parameters }, others);
    const plan = planOf(operation, intent, []);
    const { id, origin, targetName } = operation;
    return {
      id,
      subject: { type: 'operation', action: action.id, danger: action.danger, target: operation.target, targetName },
      asker: origin,
      ...terms,
      lends,
      plan,
      blast: blastRadius(operation, target, others(), this.#parts.unfinished(operation)),
      digest: digestOf(plan, target),
    };
  }

  #hold(question: Question, reason: string | null): Hold {
    const { approvals } = this.#parts;
    return {
      why: waitsForApproval(question, reason),
      over: async (signal) => {
        approvals.ask(question, reason);
        await approvals.granted(question.id, signal);
      },
    };
  }
}

/** Of what would be done to what: the same as long as whoever approved it would see the same again. */
function digestOf({ action, changes, calls, risk, undo }: Plan, target: FreshTarget): string {
  const what = { action, changes, calls, risk, undo, name: target?.name ?? null };
  return createHash('sha256')
    .update(canonical(JSON.parse(JSON.stringify(what))))
    .digest('hex');
}
