import { type ObjectRef, refOf } from '../model/reference.ts';
import type { Admitted } from './admission.ts';
import { shownOf } from './confidential.ts';
import { operationId } from './id.ts';
import type { Fact, Operation, OperationRequest } from './operation.ts';
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
    id: operationId(),
    action: action.id,
    target: request.target.kind === 'connection' ? request.target : refOf(request.target),
    touches,
    targetName: target?.name ?? request.target.connection,
    parameters: shownOf(parameters, confidential),
    origin: request.origin,
    mode: request.mode ?? 'run',
    ...(request.approval === undefined ? {} : { approval: request.approval }),
    ...(request.parent === undefined ? {} : { parent: request.parent }),
    ...(request.member === undefined ? {} : { member: request.member }),
    ...(request.assume === undefined ? {} : { assume: request.assume }),
    ...(request.undoes === undefined ? {} : { undoes: request.undoes }),
    ...(request.quiet ? { quiet: true } : {}),
    state: 'queued',
    progress: 0,
    step: null,
    queuedAt: Date.now(),
    startedAt: null,
    endedAt: null,
    timeoutSeconds,
    task: null,
    calls: [],
    sent: [],
    result: null,
    error: null,
    why,
  };
}
