import type { AnyAction } from '../actions/action.ts';
import type { AnyObject } from '../model/objects.ts';
import type { Authority } from '../operations/authority.ts';
import type { Fact, Operation, OperationTarget, Origin } from '../operations/operation.ts';
import type { Demands } from './demand.ts';

/**
 * Rights as they are granted, and beside them what a policy lets an approval lend: whoever asks gets through the door,
 * and the guard lets nothing be done until somebody who has the right has granted it.
 */
export class LendingAuthority implements Authority {
  readonly #authority: Authority;
  readonly #demands: Demands;

  constructor(authority: Authority, demands: Demands) {
    this.#authority = authority;
    this.#demands = demands;
  }

  async authorise(
    origin: Origin,
    action: AnyAction,
    target: OperationTarget,
    object?: AnyObject | null,
  ): Promise<readonly Fact[]> {
    const lender = await this.#demands.lender({ origin, action, target, object });
    if (!lender) return this.#authority.authorise(origin, action, target, object);
    const says = `${origin.principal} lacks the right to ${action.id} there; an approval by the policy "${lender.name}" lends it.`;
    return [{ rule: 'right-to-be-lent', says, permission: action.id, policy: lender.name }];
  }

  authoriseReading(origin: Origin, operation: Operation): Promise<void> {
    return this.#authority.authoriseReading(origin, operation);
  }

  authoriseCancel(...about: Parameters<Authority['authoriseCancel']>): Promise<void> {
    return this.#authority.authoriseCancel(...about);
  }
}
