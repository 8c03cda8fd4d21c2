import type { TaskRecord } from '../drivers/tasks.ts';
import { cancelledAtHypervisor, VirtflowError } from '../model/errors.ts';
import { sameObject } from '../model/reference.ts';
import { recordOf } from './ending.ts';
import { begunByOthers, toldByTask } from './facts.ts';
import type { HistoryFilter, HistoryPlace, Operation, OperationState } from './operation.ts';
import { unbegun } from './unbegun.ts';

/** What others began, as an operation that nobody asked virtflow for. */
export function externalOperation(record: TaskRecord): Operation {
  const { task, operation, object, name, progress, startedAt, cancellable } = record;
  return {
    ...unbegun({ origin: { through: 'external', principal: 'external' } }),
    action: `external.${operation}`,
    target: object,
    touches: [object],
    targetName: name,
    parameters: {},
    state: 'running',
    progress: progress ?? 0,
    queuedAt: startedAt,
    startedAt,
    timeoutSeconds: 0,
    task,
    why: [begunByOthers()],
    cancellable,
  };
}

/** The same, once its task has ended. */
export function endedOperation(before: Operation, record: TaskRecord): Operation {
  const state = endOf(record);
  const progress = state === 'succeeded' ? 1 : before.progress;
  const why = [...before.why, toldByTask(record)];
  const error = errorOf(record);
  const end = { state, progress, why, error: error ? recordOf(error) : null };
  return { ...before, ...end, endedAt: Date.now(), cancellable: false };
}

/** One that is over without the hypervisor saying how is told as failed, with an error that says just that. */
function endOf({ state }: TaskRecord): OperationState {
  return state === 'succeeded' || state === 'cancelled' ? state : 'failed';
}

function errorOf({ state, operation, name, says }: TaskRecord): VirtflowError | undefined {
  if (state === 'cancelled') return cancelledAtHypervisor(says);
  if (state === 'failed')
    return new VirtflowError('TASK_FAILED', { operation, name, reason: says ?? 'it does not say why' });
  if (state !== 'ended') return undefined;
  const reason = 'the hypervisor does not tell how it ended';
  return new VirtflowError('OPERATION_OUTCOME_UNKNOWN', { action: operation, target: name, reason });
}

/** The order of the history. */
export function newestFirst(a: HistoryPlace, b: HistoryPlace): number {
  return b.queuedAt - a.queuedAt || (a.id < b.id ? 1 : -1);
}

/** Whether one that runs belongs to what of the history is asked for. */
export function fits(
  { touches = [], target, targetName, action, state, origin, queuedAt, id }: Operation,
  filter: HistoryFilter,
): boolean {
  const { object, since = 0, before = Number.POSITIVE_INFINITY, after } = filter;
  // They are no members of a group, take nothing back, and no flow set them off.
  const { parent, undoes, run, flow, node } = filter;
  if ([parent, undoes, run, flow, node].some((asked) => asked !== undefined)) return false;
  const spoken = [action, targetName, target.connection, origin.principal].join(' ').toLowerCase();
  return (
    (!object || touches.some((touched) => sameObject(touched, object))) &&
    filter.mode !== 'plan' &&
    (filter.text ?? '')
      .toLowerCase()
      .split(/\s+/)
      .every((word) => spoken.includes(word)) &&
    isOrAny(filter.connection, target.connection) &&
    isOrAny(filter.action, action) &&
    isOrAny(filter.principal, origin.principal) &&
    isOrAny(filter.through, origin.through) &&
    (!filter.states || filter.states.includes(state)) &&
    queuedAt >= since &&
    queuedAt < before &&
    (!after || newestFirst({ queuedAt, id }, after) > 0)
  );
}

function isOrAny<T>(asked: T | undefined, has: T): boolean {
  return asked === undefined || asked === has;
}
