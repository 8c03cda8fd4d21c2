import type { Access } from '../access/access.ts';
import { decide } from '../access/decision.ts';
import { type Permission, permissionOf, standingPermissions } from '../access/permission.ts';
import { type Objects, subjectOf } from '../access/subject.ts';
import type { AnyAction } from '../actions/action.ts';
import type { AnyObject } from '../model/objects.ts';
import type { OperationTarget, Origin } from '../operations/operation.ts';
import { type Matter, matching } from './matching.ts';
import { onRequest, type Policies, type Policy, type Terms, termsOf } from './policy.ts';

/** Why and on which terms an operation needs an approval. */
export interface Demand {
  readonly terms: Terms;
  /** The permission that whoever asks lacks, where a grant lends it. */
  readonly lends: Permission | null;
}

export interface Asked {
  readonly action: AnyAction;
  readonly origin: Origin;
  readonly target: OperationTarget;
  /** As the hypervisor has it; without it, as the inventory has it. */
  readonly object?: AnyObject | null | undefined;
  /** What the node or the message itself says. */
  readonly approval?: 'always' | 'never' | undefined;
}

/** Finds out what needs an approval, with the policies and rights of this moment. */
export class Demands {
  readonly #access: Access;
  readonly #objects: Objects;
  readonly #policies: () => Policies;

  constructor(access: Access, objects: Objects, policies: () => Policies) {
    this.#access = access;
    this.#objects = objects;
    this.#policies = policies;
  }

  /** @throws TOKEN_INVALID, STORE_* */
  async of(asked: Asked): Promise<Demand | undefined> {
    const policies = this.#policies();
    const lender = await this.lender(asked);
    if (lender) return { terms: termsOf(lender.name, lender), lends: permissionOf(asked.action) };
    const policy = await matching(policies, this.#matter(asked));
    if (policy && isWaived(policy, asked)) return undefined;
    if (policy && policy.quorum !== 0) return { terms: termsOf(policy.name, policy), lends: null };
    if (asked.approval === 'always') return { terms: termsOf(onRequest, policies.onRequest ?? {}), lends: null };
    return undefined;
  }

  /**
   * The policy that lends whoever asks the right that they lack. A right that was denied, that a token leaves out, or on
   * something that they may not even see, is not lent.
   */
  async lender(asked: Asked): Promise<Policy | undefined> {
    const { policies = [] } = this.#policies();
    if (!policies.some(({ elevates }) => elevates)) return undefined;
    const who = this.#access.principalOf(asked.origin);
    const matter = this.#matter(asked);
    const { allowed, why } = await decide(who, permissionOf(asked.action), matter.subject);
    if (allowed || why.some(({ rule }) => rule !== 'not-granted')) return undefined;
    if (!(await decide(who, standingPermissions.readInventory, matter.subject)).allowed) return undefined;
    // The first that fits, as always: whoever lacks the right does not get around a stricter one before it.
    const policy = await matching({ policies }, matter);
    return policy?.elevates ? policy : undefined;
  }

  #matter({ action, origin, target, object }: Asked): Matter {
    return { action, origin, subject: subjectOf(this.#objects, target, object) };
  }
}

function isWaived({ waivable, elevates }: Policy, { approval }: Asked): boolean {
  return approval === 'never' && waivable === true && elevates !== true;
}
