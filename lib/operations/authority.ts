import type { AnyAction } from '../actions/action.ts';
import type { AnyObject } from '../model/objects.ts';
import type { Fact, OperationRequest, Origin } from './operation.ts';

/** Says who may do what; asked before anything else when an operation is submitted, and again when its turn comes. */
export interface Authority {
  /**
   * Answers the facts that allow it.
   * @param object the target as the hypervisor has it, where it has been asked already
   * @throws ACCESS_DENIED, STORE_*
   */
  authorise(
    origin: Origin,
    action: AnyAction,
    target: OperationRequest['target'],
    object?: AnyObject | null,
  ): Promise<readonly Fact[]>;
}
