/**
 * What a list needs of an operation: results may be long, and there may be tens of thousands.
 * @param {OperationSummary} operation
 * @returns {OperationSummary}
 */
export function slim(operation) {
  const { id, action, target, targetName, mode, state, progress, step, origin, parent, undoes, retries } = operation;
  const { quiet, members, waits, cancellable, queuedAt, startedAt, endedAt, result, error } = operation;
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
    undoes,
    retries,
    quiet,
    members,
    waits,
    cancellable,
    queuedAt,
    startedAt,
    endedAt,
    result: result && { changed: result.changed, times: result.times },
    error: error && { code: error.code, message: error.message, advice: '' },
  };
}
