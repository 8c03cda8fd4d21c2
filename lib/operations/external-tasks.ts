import type { ConnectionFact } from '../connections/connections.ts';
import { type TaskRecord, taskKey } from '../drivers/tasks.ts';
import type { Unsubscribe } from '../model/feed.ts';
import { endedOperation, externalOperation, fits, newestFirst } from './external-operation.ts';
import type { Ledger } from './ledger.ts';
import type { HistoryFilter, Operation } from './operation.ts';
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
    this.#ledger.witness(endedOperation(before, record), 'ended');
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
