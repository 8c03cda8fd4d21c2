import type { Access } from '../access/access.ts';
import type { Principal } from '../access/decision.ts';
import { VirtflowError } from '../model/errors.ts';
import type { Approval } from './approval.ts';
import type { Approvals, GivenAnswer } from './approvals.ts';
import { type LinkClaim, LinkSigner } from './links.ts';

/** Where the page behind a link stands on the web server. */
export const linkBase = '/virtflow/approve';

export interface OpenedLink {
  readonly claim: LinkClaim;
  readonly approval: Approval;
  readonly who: Principal;
}

/** Links with which one account answers one round of an approval, once, without logging in. */
export class ApprovalLinks {
  readonly #approvals: Approvals;
  readonly #access: Access;
  readonly #signer: LinkSigner;
  readonly #now: () => number;

  constructor(approvals: Approvals, access: Access, dataDirectory: string, now: () => number) {
    this.#approvals = approvals;
    this.#access = access;
    this.#signer = new LinkSigner(dataDirectory);
    this.#now = now;
  }

  /**
   * The path of a link for somebody who may answer. Whoever gets hold of it can answer in their name: send it to them
   * alone.
   * @throws APPROVAL_UNKNOWN, APPROVAL_CLOSED, APPROVAL_NOT_YOURS, ACCOUNT_UNKNOWN
   */
  async make(id: string, addressee: string): Promise<string> {
    const approval = this.#approvals.get(id);
    this.#access.accounts.get(addressee);
    await this.#approvals.answerers.check(this.#access.principals.named(addressee), approval);
    const { state, round, expiresAt } = this.#approvals.get(id);
    if (state !== 'pending') throw new VirtflowError('APPROVAL_CLOSED', { approval: id, state });
    const token = this.#signer.sign({ approval: id, round, addressee, expiresAt });
    this.#access.audit.append('approval.link-made', addressee, { approval: id, round });
    return `${linkBase}/${token}`;
  }

  /**
   * What a link leads to; reads only.
   * @throws APPROVAL_LINK_INVALID, APPROVAL_LINK_EXPIRED, APPROVAL_LINK_USED, APPROVAL_CHANGED, APPROVAL_CLOSED,
   * APPROVAL_NOT_YOURS, APPROVAL_UNKNOWN
   */
  async open(token: string): Promise<OpenedLink> {
    const claim = this.#signer.read(token);
    const approval = this.#approvals.get(claim.approval);
    if (approval.answers.some(({ link }) => link === claim.once)) throw new VirtflowError('APPROVAL_LINK_USED');
    if (approval.round !== claim.round) {
      throw new VirtflowError('APPROVAL_CHANGED', { approval: approval.id, round: approval.round });
    }
    const { state, id } = approval;
    if (state !== 'pending' && state !== 'expired') throw new VirtflowError('APPROVAL_CLOSED', { approval: id, state });
    if (state === 'expired' || claim.expiresAt <= this.#now()) throw new VirtflowError('APPROVAL_LINK_EXPIRED');
    const who = this.#access.principals.named(claim.addressee);
    await this.#approvals.answerers.check(who, approval);
    return { claim, approval, who };
  }

  /** Answers by a link, which is used up by it. @throws what `open` and `Approvals.answer` throw */
  async answer(token: string, given: Omit<GivenAnswer, 'round'>): Promise<Approval> {
    const { claim, who } = await this.open(token);
    const answering = { who, via: 'link', link: claim.once } as const;
    return this.#approvals.answer(claim.approval, { ...given, round: claim.round }, answering);
  }
}
