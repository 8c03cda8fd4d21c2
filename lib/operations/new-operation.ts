import { type ObjectRef, refOf } from '../model/reference.ts';
import type { Admitted } from './admission.ts';
import { shownOf } from './confidential.ts';
import type { Fact, Operation, OperationRequest } from './operation.ts';
import { unbegun } from './unbegun.ts';
import type { FreshTarget } from './world.ts';

/** An operation at the begin of its life. `why` tells what it has to wait for. */
export function newOperation(
  request: OperationRequest,
  { action, parameters, confidential, timeoutSeconds }: Admitted,
  target: FreshTarget,
  touches: readonly ObjectRef[],
  why: readonly Fact[],
): Operation {
  return {
    ...unbegun(request),
    action: action.id,
    target: request.target.kind === 'connection' ? request.target : refOf(request.target),
    touches,
    targetName: target?.name ?? request.target.connection,
    parameters: shownOf(parameters, confidential),
    timeoutSeconds,
    why,
  };
}
