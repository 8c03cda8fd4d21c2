import type { Operation } from '../operations/operation.ts';

/** What an operation says about itself outside. Parameters stay inside, for they may hold secrets. */
export function operationView(operation: Operation) {
  const { id, action, target, targetName, mode, state, progress, step, origin, error, result } = operation;
  const { queuedAt, startedAt, endedAt, parent, member, undoes, retries, cancellable, quiet, group, why } = operation;
  const waits = endedAt === null && state !== 'running' ? why.at(-1)?.says : undefined;
  return {
    id,
    action,
    target,
    targetName,
    mode,
    state,
    progress,
    step,
    origin,
    parent,
    member,
    undoes,
    cancellable,
    retries,
    quiet,
    members: group?.members.length,
    waits,
    queuedAt,
    startedAt,
    endedAt,
    result,
    error,
  };
}

export type OperationView = ReturnType<typeof operationView>;
