import type { Access } from '../access/access.ts';
import type { Principal } from '../access/decision.ts';
import { askerOf } from '../access/principals.ts';
import type { Clock } from '../calendar/clock.ts';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import type { Log } from '../model/log.ts';
import { abortable } from '../operations/waiting.ts';
import type { States } from '../store/store.ts';
import { Answerers } from './answerers.ts';
import {
  type Answer,
  type AnswerWay,
  type Approval,
  type ApprovalEvent,
  type ApprovalState,
  answersOf,
  granters,
} from './approval.ts';
import { Deadlines } from './deadlines.ts';
import { readForm } from './form.ts';
import { refuseUnlessGranted, silenceGrants } from './outcome.ts';
import { Records } from './records.ts';

export interface ApprovalsParts {
  readonly states: States;
  readonly access: Access;
  readonly log: Log;
  readonly clock: Clock;
}

/** What is asked; the rest begins the same each time. */
export type Question = Omit<
  Approval,
  'round' | 'reason' | 'state' | 'answers' | 'requestedAt' | 'expiresAt' | 'endedAt'
>;

/** An answer, as it is given. */
export interface GivenAnswer {
  readonly decision: 'grant' | 'deny';
  /** The one that was looked at: nobody approves what they were not shown. */
  readonly round: number;
  readonly form?: unknown;
  readonly comment?: string;
}

/** Who gives it, and how it came. */
export interface Answering {
  readonly who: Principal;
  readonly via: AnswerWay;
  /** The one-time part of the link that it came by. */
  readonly link?: string;
}

const longestComment = 1_000;
const dayMs = 86_400_000;

/**
 * What people are asked to approve, and what they said. Each step is on disk and in the audit record before anyone hears
 * of it.
 */
export class Approvals {
  readonly events = new Feed<ApprovalEvent>();
  readonly answerers: Answerers;
  readonly #parts: ApprovalsParts;
  readonly #records: Records;
  readonly #deadlines: Deadlines;
  readonly #ends = new Map<string, PromiseWithResolvers<Approval>>();
  #pruning: (() => void) | undefined;

  /** @throws STORE_BROKEN */
  constructor(parts: ApprovalsParts) {
    this.#parts = parts;
    this.#records = new Records(parts.states);
    this.answerers = new Answerers(parts.access);
    this.#deadlines = new Deadlines(parts.clock, (id) => this.#expire(id));
  }

  /** What ran out of time meanwhile, ends now. */
  start(): void {
    for (const approval of this.list('pending')) this.#deadlines.watch(approval);
    this.#prune();
  }

  stop(): void {
    this.#deadlines.stop();
    this.#pruning?.();
  }

  find(id: string): Approval | undefined {
    return this.#records.get(id);
  }

  /** @throws APPROVAL_UNKNOWN */
  get(id: string): Approval {
    const approval = this.find(id);
    if (approval) return approval;
    throw new VirtflowError('APPROVAL_UNKNOWN', { approval: id });
  }

  /** Newest first. */
  list(state?: ApprovalState): readonly Approval[] {
    return this.#records.list().filter((one) => state === undefined || one.state === state);
  }

  /** Those that somebody may see, newest first. */
  async seenBy(who: Principal, state?: ApprovalState): Promise<readonly Approval[]> {
    const seen: Approval[] = [];
    for (const approval of this.list(state)) if (await this.answerers.maySee(who, approval)) seen.push(approval);
    return seen;
  }

  /**
   * Asks. One that is open already with the same content stays as it is; with another, it is asked anew, in a round of
   * its own.
   * @param reason why it is asked anew
   * @throws STORE_*
   */
  ask(question: Question, reason: string | null = null): Approval {
    const before = this.find(question.id);
    if (before?.state === 'pending' && before.digest === question.digest && before.policy === question.policy)
      return before;
    const now = this.#parts.clock.now();
    const approval: Approval = {
      ...question,
      round: (before?.round ?? 0) + 1,
      reason: before ? reason : null,
      state: 'pending',
      answers: before?.answers ?? [],
      requestedAt: before?.requestedAt ?? now,
      expiresAt: now + question.ttlSeconds * 1000,
      endedAt: null,
    };
    const { policy, quorum, expiresAt, round, lends } = approval;
    const about = { ...subjectOf(approval), policy, quorum, round, lends: lends?.id, expiresAt, reason };
    this.#record(approval, 'requested', askerOf(approval.asker), about);
    this.#deadlines.watch(approval);
    return approval;
  }

  /**
   * Takes an answer. The same answer again changes nothing; a second thought counts as long as it is open.
   * @throws APPROVAL_UNKNOWN, APPROVAL_NOT_YOURS, APPROVAL_CHANGED, APPROVAL_CLOSED, APPROVAL_FORM_INVALID,
   * APPROVAL_LINK_USED, STORE_*
   */
  async answer(id: string, given: GivenAnswer, { who, via, link }: Answering): Promise<Approval> {
    await this.#allowed(id, who);
    // The wall clock may have been set on, and then the timer comes late.
    this.#expire(id);
    // From here on nothing is awaited: what is looked at is what is written.
    const approval = this.get(id);
    const earlier = answersOf(approval).find(({ by }) => by === who.name);
    if (given.round === approval.round && earlier?.decision === given.decision && earlier.link === link)
      return approval;
    if (link !== undefined && approval.answers.some((one) => one.link === link))
      throw new VirtflowError('APPROVAL_LINK_USED');
    if (given.round !== approval.round)
      throw new VirtflowError('APPROVAL_CHANGED', { approval: id, round: approval.round });
    if (approval.state !== 'pending')
      throw new VirtflowError('APPROVAL_CLOSED', { approval: id, state: approval.state });
    const answer: Answer = {
      by: who.name,
      via,
      decision: given.decision,
      form: readForm(approval.form, given.form, given.decision),
      comment: commentOf(given.comment),
      at: this.#parts.clock.now(),
      round: approval.round,
      ...(link === undefined ? {} : { link }),
    };
    return this.#take(approval, answer);
  }

  /** It is not wanted any more. What has ended stays so. */
  withdraw(id: string, by: string): void {
    const approval = this.find(id);
    if (approval?.state === 'pending') this.#end(approval, 'withdrawn', by, {});
  }

  /**
   * Resolves once it is granted, at once if it was.
   * @throws APPROVAL_DENIED, APPROVAL_EXPIRED, APPROVAL_WITHDRAWN; the signal's reason
   */
  async granted(id: string, signal: AbortSignal): Promise<Approval> {
    const approval = this.get(id);
    const ended = approval.state === 'pending' ? await abortable(this.#ending(id), signal) : approval;
    refuseUnlessGranted(ended);
    return ended;
  }

  /** One promise for each, however many wait: an answer wakes only those whom it concerns. */
  #ending(id: string): Promise<Approval> {
    const end = this.#ends.get(id) ?? Promise.withResolvers<Approval>();
    this.#ends.set(id, end);
    return end.promise;
  }

  async #allowed(id: string, who: Principal): Promise<void> {
    const approval = this.get(id);
    try {
      await this.answerers.check(who, approval);
    } catch (thrown) {
      const { code, details } = toVirtflowError(thrown);
      this.#parts.access.audit.append('approval.refused', who.name, {
        approval: id,
        error: code,
        reason: details.reason,
      });
      throw thrown;
    }
  }

  #take(approval: Approval, answer: Answer): Approval {
    const others = approval.answers.filter(({ by, round }) => by !== answer.by || round !== answer.round);
    const answered = { ...approval, answers: [...others, answer] };
    const { decision, via, comment, form, by } = answer;
    const about = { via, comment, form, ...countOf(answered) };
    if (decision === 'deny') return this.#end(answered, 'denied', by, about);
    if (granters(answered).length >= answered.quorum) return this.#end(answered, 'granted', by, about);
    this.#record(answered, 'answered', by, { ...subjectOf(answered), decision, ...about });
    return answered;
  }

  #end(approval: Approval, state: Exclude<ApprovalState, 'pending'>, by: string, about: object): Approval {
    const ended: Approval = { ...approval, state, endedAt: this.#parts.clock.now() };
    this.#deadlines.forget(approval.id);
    this.#record(ended, state, by, { ...subjectOf(ended), ...about });
    this.#ends.get(approval.id)?.resolve(ended);
    this.#ends.delete(approval.id);
    return ended;
  }

  #record(approval: Approval, type: ApprovalEvent['type'], by: string, about: Record<string, unknown>): void {
    const put = () => this.#records.put(approval);
    this.#parts.access.audit.change(put, `approval.${type}`, by, { approval: approval.id, ...about });
    this.#records.take(approval);
    this.events.publish({ type, approval });
  }

  #expire(id: string): void {
    const approval = this.find(id);
    if (approval?.state !== 'pending') return;
    if (approval.expiresAt > this.#parts.clock.now()) this.#deadlines.watch(approval);
    else this.#endInSilence(approval);
  }

  #endInSilence(approval: Approval): void {
    try {
      this.#end(approval, silenceGrants(approval) ? 'granted' : 'expired', 'virtflow', { because: 'nobody answered' });
    } catch (error) {
      this.#parts.log.error(
        `The end of approval ${approval.id} could not be recorded: ${toVirtflowError(error).message}`,
      );
      this.#deadlines.retry(approval.id);
    }
  }

  #prune(): void {
    const { clock, log } = this.#parts;
    try {
      this.#records.prune(clock.now());
    } catch (error) {
      log.error(`Old approvals could not be forgotten: ${toVirtflowError(error).message}`);
    }
    this.#pruning = clock.after(dayMs, () => this.#prune());
  }
}

function subjectOf({ subject }: Approval): Record<string, unknown> {
  if (subject.type === 'message') return { node: subject.node, nodeName: subject.nodeName };
  const { action, target, targetName } = subject;
  return { action, target, targetName };
}

function countOf(approval: Approval) {
  return { round: approval.round, granted: granters(approval), of: approval.quorum };
}

/** @throws APPROVAL_FORM_INVALID */
function commentOf(given: unknown): string {
  if (given === undefined || given === null) return '';
  if (typeof given === 'string' && given.length <= longestComment) return given.trim();
  const reason = `a text of at most ${longestComment} characters is needed`;
  throw new VirtflowError('APPROVAL_FORM_INVALID', { field: 'comment', reason });
}
