import type { AnyAction } from '../actions/action.ts';
import type { AnyObject } from '../model/objects.ts';
import type { Fact, Operation, OperationTarget, Origin } from './operation.ts';

/** Says who may do what; asked before anything else when an operation is submitted, and again when its turn comes. */
export interface Authority {
  /**
   * Answers the facts that allow it.
   * @param object the target as the hypervisor has it, where it has been asked already
   * @throws ACCESS_DENIED, TOKEN_INVALID, STORE_*
   */
  authorise(
    origin: Origin,
    action: AnyAction,
    target: OperationTarget,
    object?: AnyObject | null,
  ): Promise<readonly Fact[]>;

  /** Whether they may be told of an operation. @throws ACCESS_DENIED, TOKEN_INVALID, STORE_* */
  authoriseReading(origin: Origin, operation: Operation): Promise<void>;

  /** Whether they may stop an operation of this action; a group has none. @throws ACCESS_DENIED, TOKEN_INVALID, STORE_* */
  authoriseCancel(origin: Origin, operation: Operation, action: AnyAction | undefined): Promise<void>;
}
