import type { Access } from '../access/access.ts';
import { decide, type Principal } from '../access/decision.ts';
import { type Permission, standingPermissions } from '../access/permission.ts';
import { askerOf } from '../access/principals.ts';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import type { Approval } from './approval.ts';

/** Who may answer what. */
export class Answerers {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** With the rights of this moment. @throws APPROVAL_NOT_YOURS */
  async check(who: Principal, approval: Approval): Promise<void> {
    const reason = await this.#reasonAgainst(who, approval);
    if (reason === undefined) return;
    throw new VirtflowError('APPROVAL_NOT_YOURS', { principal: who.name, approval: approval.id, reason });
  }

  async may(who: Principal, approval: Approval): Promise<boolean> {
    return (await this.#reasonAgainst(who, approval)) === undefined;
  }

  /** Whoever may answer, asked for it, or may see what it is about. */
  async maySee(who: Principal, approval: Approval): Promise<boolean> {
    const sight = this.#access.sight(who);
    if (sight.isOwn(approval.asker) || (await this.may(who, approval))) return true;
    const { subject } = approval;
    if (subject.type === 'message') return sight.may(standingPermissions.readFlows, null);
    return sight.operation({ origin: approval.asker, target: subject.target });
  }

  /** Accounts that may answer it now, by name. */
  async all(approval: Approval): Promise<readonly string[]> {
    const names: string[] = [];
    for (const { name } of this.#access.accounts.list()) {
      if (await this.may(this.#access.principals.named(name), approval)) names.push(name);
    }
    return names;
  }

  /** In the order in which it is easiest understood. */
  async #reasonAgainst(who: Principal, approval: Approval): Promise<string | undefined> {
    const { asker, quorum, mayAnswer, lends } = approval;
    if (who.name === askerOf(asker) || who.name === asker.owner)
      return 'who asks for something does not approve it as well';
    const { accounts, role } = mayAnswer;
    if (accounts && !accounts.includes(who.name)) return `only ${accounts.join(', ')} may answer it`;
    if (quorum > 1 && !this.#isPerson(who.name)) return 'where two persons are asked for, a service is none';
    const lacks = await this.#lacks(who, { ...standingPermissions.answerApprovals, role }, approval);
    if (lacks !== undefined) return lacks;
    const gives = lends && (await this.#lacks(who, lends, approval));
    return gives ? `nobody lends a right that they do not have: ${gives}` : undefined;
  }

  async #lacks(who: Principal, permission: Permission, { subject }: Approval): Promise<string | undefined> {
    const about = subject.type === 'operation' ? this.#access.sight(who).subjectOf(subject.target) : null;
    const { allowed, why } = await decide(who, permission, about);
    return allowed ? undefined : why.map(({ says }) => says).join(' ');
  }

  #isPerson(name: string): boolean {
    try {
      return this.#access.accounts.get(name).kind === 'user';
    } catch (thrown) {
      if (toVirtflowError(thrown).code === 'ACCOUNT_UNKNOWN') return false;
      throw thrown;
    }
  }
}
