import type { ConnectionFact } from '../connections/connections.ts';
import { type TaskRecord, taskKey } from '../drivers/tasks.ts';
import { cancelledAtHypervisor, VirtflowError } from '../model/errors.ts';
import type { Unsubscribe } from '../model/feed.ts';
import { sameObject } from '../model/reference.ts';
import { recordOf } from './ending.ts';
import { begunByOthers, toldByTask } from './facts.ts';
import { operationId } from './id.ts';
import type { Ledger } from './ledger.ts';
import type { HistoryFilter, HistoryPlace, Operation, OperationState } from './operation.ts';
import type { ConnectionSource } from './world.ts';

/** A task that runs, and the operation that it is told as: none when it is ours, for then it has one. */
interface Known {
  readonly record: TaskRecord;
  readonly operation: Operation | undefined;
}

const mostListed = 100;

/**
 * Tasks of the hypervisors that virtflow did not begin, as operations whose origin is `external`. They are told in the
 * same feed as all operations; their id lasts as long as they do. None is an intent of ours, so the journal gets them
 * only when they have ended.
 */
export class ExternalTasks {
  readonly #connections: ConnectionSource;
  readonly #ledger: Ledger;
  readonly #isOurs: (record: TaskRecord) => boolean;
  /** By connection and task. */
  readonly #known = new Map<string, Known>();
  #subscriptions: Unsubscribe[] = [];

  constructor(connections: ConnectionSource, ledger: Ledger, isOurs: (record: TaskRecord) => boolean) {
    this.#connections = connections;
    this.#ledger = ledger;
    this.#isOurs = isOurs;
  }

  start(): void {
    this.#subscriptions = [
      this.#connections.tasks.subscribe((record) => this.#hear(record)),
      this.#connections.states.subscribe((fact) => this.#look(fact)),
    ];
  }

  stop(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions = [];
  }

  /** Those that run, oldest first. */
  list(): readonly Operation[] {
    return [...this.#known.values()].flatMap(({ operation }) => operation ?? []);
  }

  get(id: string): Operation | undefined {
    return this.list().find((operation) => operation.id === id);
  }

  /** Resolves with the end of one that runs; never, when virtflow stops before. */
  ended(id: string): Promise<Operation> {
    const { promise, resolve } = Promise.withResolvers<Operation>();
    const unsubscribe = this.#ledger.events.subscribe(({ type, operation }) => {
      if (type === 'ended' && operation.id === id) resolve(operation);
    });
    return promise.finally(unsubscribe);
  }

  /** Puts those that fit the filter where they belong in a page of the history. */
  among(recorded: readonly Operation[], filter: HistoryFilter): readonly Operation[] {
    const running = this.list().filter((operation) => fits(operation, filter));
    if (running.length === 0) return recorded;
    return [...running, ...recorded].sort(newestFirst).slice(0, filter.limit ?? mostListed);
  }

  #hear(record: TaskRecord): void {
    const key = keyOf(record);
    if (!this.#known.has(key)) this.#meet(key, record);
    else if (record.state === 'running') this.#goOn(key, record);
    else this.#end(key, record);
  }

  #meet(key: string, record: TaskRecord): void {
    if (record.state !== 'running') return;
    const operation = this.#isOurs(record) ? undefined : externalOperation(record);
    this.#known.set(key, { record, operation });
    if (operation) this.#ledger.witness(operation, 'started');
  }

  #goOn(key: string, record: TaskRecord): void {
    const before = this.#known.get(key)?.operation;
    if (!before) return;
    const { cancellable } = record;
    const progress = Math.max(before.progress, record.progress ?? 0);
    if (progress === before.progress && cancellable === before.cancellable) return;
    const operation = { ...before, progress, cancellable };
    this.#known.set(key, { record, operation });
    this.#ledger.witness(operation, 'progress');
  }

  #end(key: string, record: TaskRecord): void {
    const before = this.#known.get(key)?.operation;
    this.#known.delete(key);
    if (!before) return;
    const state = endOf(record);
    const progress = state === 'succeeded' ? 1 : before.progress;
    const why = [...before.why, toldByTask(record)];
    const error = errorOf(record);
    const ended = { ...before, state, progress, why, endedAt: Date.now(), cancellable: false };
    this.#ledger.witness({ ...ended, error: error ? recordOf(error) : null }, 'ended');
  }

  /** What ended while a connection was away, its driver cannot tell of: it is not among those that run any more. */
  #look({ connection, state }: ConnectionFact): void {
    if (state.phase === 'stopped') this.#forget(connection);
    if (state.phase !== 'connected') return;
    const before = [...this.#known.keys()].filter((key) => key.startsWith(`${connection}/`));
    if (before.length === 0) return;
    this.#connections
      .get(connection)
      .tasks.list()
      .then((running) => this.#reconcile(before, running))
      .catch(() => undefined); // gone again: it is looked when it is back
  }

  #reconcile(before: readonly string[], running: readonly TaskRecord[]): void {
    const still = new Set(running.map(keyOf));
    for (const record of running) this.#hear(record);
    for (const key of before) if (!still.has(key)) this.#vanish(key);
  }

  #vanish(key: string): void {
    const known = this.#known.get(key);
    if (known) this.#end(key, { ...known.record, state: 'ended', says: null });
  }

  #forget(connection: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${connection}/`)) this.#vanish(key);
  }
}

function keyOf({ object, task }: TaskRecord): string {
  return `${object.connection}/${taskKey(task)}`;
}

function externalOperation(record: TaskRecord): Operation {
  const { task, operation, object, name, progress, startedAt, cancellable } = record;
  return {
    id: operationId(),
    action: `external.${operation}`,
    target: object,
    touches: [object],
    targetName: name,
    parameters: {},
    origin: { through: 'external', principal: 'external' },
    mode: 'run',
    state: 'running',
    progress: progress ?? 0,
    step: null,
    queuedAt: startedAt,
    startedAt,
    endedAt: null,
    timeoutSeconds: 0,
    task,
    calls: [],
    sent: [],
    result: null,
    error: null,
    why: [begunByOthers()],
    cancellable,
  };
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

function newestFirst(a: HistoryPlace, b: HistoryPlace): number {
  return b.queuedAt - a.queuedAt || (a.id < b.id ? 1 : -1);
}

function fits(
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
