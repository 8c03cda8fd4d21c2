import type { ErrorRecord } from '../../model/errors.ts';
import type { Operation, OperationState } from '../../operations/operation.ts';
import { type OperationView, operationView } from '../operation-view.ts';
import type { RefusedTarget } from '../requests.ts';

/** First it is said what becomes of a command, and, when it was accepted, how it ended. */
export type Reply =
  | {
      readonly type: 'accepted';
      readonly operations: readonly OperationView[];
      readonly refused: readonly RefusedTarget[];
    }
  | {
      readonly type: 'finished';
      readonly state: OperationState;
      readonly operations: readonly OperationView[];
      readonly refused: readonly RefusedTarget[];
      readonly error: ErrorRecord | null;
      /** What a command about the house itself came to. */
      readonly result?: unknown;
    }
  | { readonly type: 'refused'; readonly error: ErrorRecord };

/** How a command ended: as its operations did when they agree, in part when they do not. */
export function finished(operations: readonly Operation[], refused: readonly RefusedTarget[]): Reply {
  const states = new Set(operations.map((one) => one.state));
  const [first = 'succeeded'] = states;
  const agree = states.size <= 1 && refused.length === 0;
  return {
    type: 'finished',
    state: agree ? first : 'partial',
    operations: operations.map(operationView),
    refused,
    error: operations.find((one) => one.error !== null)?.error ?? refused[0]?.error ?? null,
  };
}
