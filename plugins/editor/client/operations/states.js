/** @type {readonly OperationState[]} */
export const liveStates = ['running', 'queued', 'waiting', 'interrupted'];
/** @type {readonly OperationState[]} */
export const pastStates = ['succeeded', 'failed', 'partial', 'cancelled', 'refused', 'planned'];

/** @type {Readonly<Record<OperationState, string>>} */
export const stateIcons = {
  queued: 'fa-clock-o',
  waiting: 'fa-hourglass-half',
  running: 'fa-circle-o-notch',
  interrupted: 'fa-bolt',
  succeeded: 'fa-check-circle',
  failed: 'fa-times-circle',
  partial: 'fa-exclamation-circle',
  cancelled: 'fa-ban',
  refused: 'fa-minus-circle',
  planned: 'fa-map-o',
};

/** @param {OperationSummary} operation */
export function hasEnded({ endedAt }) {
  return endedAt !== null;
}

/** @param {OperationSummary} operation */
export function isWaiting({ state }) {
  return state === 'queued' || state === 'waiting';
}

/** @param {OperationSummary} operation */
export function isGroup({ target }) {
  return target.kind === 'group';
}

/** What others began at the hypervisor is stopped where that lets it. @param {OperationSummary} operation */
export function isCancellable(operation) {
  return !hasEnded(operation) && (operation.origin.through !== 'external' || operation.cancellable === true);
}
