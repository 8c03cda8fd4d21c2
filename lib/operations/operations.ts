import { cancelTask } from '../actions/vm-task.ts';
import { isSameTask, type TaskRecord, taskKey } from '../drivers/tasks.ts';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import type { Feed } from '../model/feed.ts';
import type { Log } from '../model/log.ts';
import type { Journal } from '../store/store.ts';
import { Admission } from './admission.ts';
import { Arrival } from './arrival.ts';
import type { Authority } from './authority.ts';
import { type Confidence, inMemory, recall } from './confidential.ts';
import { cancelledBy } from './ending.ts';
import { Entrance } from './entrance.ts';
import { ExternalTasks } from './external-tasks.ts';
import type { GroupRequest } from './groups/group.ts';
import { Groups } from './groups/groups.ts';
import type { TakingBack } from './groups/take-back.ts';
import type { Guard } from './guard.ts';
import { Ledger } from './ledger.ts';
import { Line } from './line.ts';
import { LiveOperation } from './live-operation.ts';
import {
  endStates,
  type HistoryFilter,
  type Operation,
  type OperationEvent,
  type OperationRequest,
  type Origin,
  objectOf,
} from './operation.ts';
import { everyPage } from './pages.ts';
import { Reattachment } from './reattachment.ts';
import { Refusals } from './refusals.ts';
import { type ActionSource, Runner, type RunnerSettings } from './runner.ts';
import { type Sequel, Sequels } from './sequels.ts';
import { Settler, type SettlerSettings } from './settler.ts';
import { abortable, within } from './waiting.ts';
import { type ConnectionSource, type InventorySource, World } from './world.ts';

export interface OperationsSettings extends RunnerSettings, SettlerSettings {
  /** How many operations run at once on one connection. */
  readonly parallelPerConnection: number;
  /** How long an accepted operation may wait for its connection, and how old it may be to begin after a restart. */
  readonly queuedAtMostMs: number;
  readonly historyDays: number;
}

export const defaultHistoryDays = 90;

const defaults: OperationsSettings = {
  parallelPerConnection: 4,
  queuedAtMostMs: 600_000,
  settleWithinMs: 60_000,
  progressEveryMs: 100,
  stopsWithinMs: 5000,
  historyDays: defaultHistoryDays,
};

export interface OperationsParts {
  readonly journal: Journal;
  readonly actions: ActionSource;
  readonly inventory: InventorySource;
  readonly connections: ConnectionSource;
  readonly log: Log;
  /** Who may do what; without it everybody may do everything. */
  readonly authority?: Authority;
  /** What may refuse or hold an operation, in the order in which they are asked. */
  readonly guards?: readonly Guard[];
  readonly settings?: Partial<OperationsSettings>;
  /** Where parameters are kept that no record shows. */
  readonly confidence?: Confidence;
}

const dayMs = 24 * 3600 * 1000;

/**
 * Everything that is done to hypervisors goes through here: submit, check, record, run, record. After a crash nothing
 * is lost and nothing is done twice.
 */
export class Operations {
  /** What others do at the hypervisors, as operations that nobody asked virtflow for. */
  readonly external: ExternalTasks;
  readonly #journal: Journal;
  readonly #log: Log;
  readonly #settings: OperationsSettings;
  readonly #ledger: Ledger;
  readonly #confidence: Confidence;
  readonly #authority: Authority | undefined;
  readonly #actions: ActionSource;
  readonly #entrance: Entrance;
  readonly #line: Line;
  readonly #groups: Groups;
  readonly #refusals: Refusals;
  readonly #sequels: Sequels;
  readonly #live = new Map<string, LiveOperation>();
  #pruning: NodeJS.Timeout | undefined;

  constructor(parts: OperationsParts) {
    const { journal, log, actions, authority, inventory, guards = [] } = parts;
    const settings = { ...defaults, ...parts.settings };
    const { queuedAtMostMs, parallelPerConnection, progressEveryMs } = settings;
    const live = this.#live;
    const world = new World(parts.connections, inventory);
    const confidence = parts.confidence ?? inMemory();
    const ledger = new Ledger(journal, log, confidence);
    const arrival = new Arrival({ world, ledger, authority, guards, queuedAtMostMs });
    const settler = new Settler(world, new Reattachment(world, ledger, settings), settings);
    const runner = new Runner({ world, ledger, arrival, settler, actions, settings });
    this.#journal = journal;
    this.#log = log;
    this.#settings = settings;
    this.#ledger = ledger;
    this.#confidence = confidence;
    this.#authority = authority;
    this.#actions = actions;
    const admission = new Admission({ actions, world, authority, guards });
    const line = new Line({ runner, ledger, world, guards, live, log, parallelPerConnection });
    const entrance = new Entrance({ admission, world, ledger, line, live });
    const refusals = new Refusals(ledger, (ref) => inventory.get(ref)?.name, log);
    this.#line = line;
    this.#entrance = entrance;
    this.#refusals = refusals;
    this.#groups = new Groups({ admission, entrance, refusals, ledger, live, log, progressEveryMs, operations: this });
    this.#sequels = new Sequels(this, authority);
    this.external = new ExternalTasks(parts.connections, ledger, (record) => this.#began(record));
  }

  /** Transitions and progress, in order; each transition is on disk before it is told here. */
  get events(): Feed<OperationEvent> {
    return this.#ledger.events;
  }

  /**
   * Takes up what the last process left: what ran is settled as soon as its connection is up, what was queued goes on.
   * @throws STORE_BROKEN
   */
  start(): void {
    const left = this.#journal.unfinished().map((operation) => this.#found(operation));
    for (const live of left) this.#live.set(live.id, live);
    const [groups, single] = [left.filter(isOfMembers), left.filter((live) => !isOfMembers(live))];
    for (const live of single) if (!isBeforeRun(live)) this.#resume(live);
    for (const live of single) if (live.operation.state === 'queued') this.#line.join(live, undefined);
    for (const live of single) if (live.operation.state === 'waiting') this.#line.rejoin(live);
    for (const live of groups) this.#groups.resume(live);
    for (const id of this.#confidence.list()) if (!this.#live.has(id)) this.#confidence.forget(id);
    this.external.start();
    this.#prune();
    this.#pruning = setInterval(() => this.#prune(), dayMs);
    this.#pruning.unref();
  }

  /**
   * Accepts no more, lets what runs come to its end within the limit, and leaves the rest recorded as interrupted.
   * What is queued stays so for the next start, and groups go on there. Stopping twice is fine.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#entrance.close();
    clearInterval(this.#pruning);
    this.external.stop();
    this.#line.close();
    this.#ledger.flush();
    const reason = new VirtflowError('STOPPING');
    const all = [...this.#live.values()];
    const running = all.filter((live) => live.operation.state === 'running' && !isOfMembers(live));
    for (const live of all) if (!running.includes(live)) live.abandon(reason);
    await within(Promise.allSettled(running.map((live) => live.end)), timeoutMs, () => reason).catch(() => undefined);
    this.#ledger.flush();
    for (const live of running.filter((live) => this.#live.has(live.id) && !endStates.has(live.operation.state))) {
      this.#ledger.interrupt(live, 'virtflow stopped while it ran');
      live.abandon(reason);
    }
    this.#ledger.stop();
    this.#live.clear();
  }

  /**
   * Checks a request and records it; resolves with the queued operation, which then runs when its turn comes. Rejects
   * before anything was done. The same idempotency key answers the operation that it started first. A plan passes the
   * same checks, waits for no other operation, and ends as `planned` with the plan as its result. A refusal stands in
   * the history as well.
   * @throws STOPPING, ACTION_UNKNOWN, ACCESS_DENIED, TARGET_INVALID, CONNECTION_UNKNOWN, CONNECTION_DOWN, CAPABILITY_MISSING,
   * PARAMETER_INVALID, OBJECT_UNKNOWN, STATE_FORBIDS and what the action's check throws, what a guard throws, STORE_FULL,
   * STORE_BROKEN
   */
  async submit(request: OperationRequest): Promise<Operation> {
    const key = keyOf(request);
    const earlier = await this.#earlier(request, key);
    if (earlier) return earlier;
    try {
      return this.#latest(await this.#entrance.enter(request, key));
    } catch (error) {
      this.#refusals.note(request, toVirtflowError(error));
      throw error;
    }
  }

  /**
   * Begins several operations as one. Members that cannot be read are refused before anything is done; and unless the
   * rest is to be done all the same when one fails, so are those that the asker may not.
   * @throws STOPPING, GROUP_INVALID, ACTION_UNKNOWN, TARGET_INVALID, PARAMETER_INVALID, ACCESS_DENIED, STORE_*
   */
  async submitGroup(request: GroupRequest): Promise<Operation> {
    const key = keyOf(request);
    const earlier = await this.#earlier(request, key);
    if (earlier) return earlier;
    return this.#groups.submit(request, key);
  }

  /**
   * Takes an ended operation or group back, as an operation like any other; once.
   * @throws OPERATION_UNKNOWN, UNDO_IMPOSSIBLE and what `submit` throws
   */
  undo(id: string, sequel: Sequel): Promise<Operation> {
    return this.#sequels.undo(id, sequel);
  }

  /**
   * Takes back all that one trigger of a flow set off and that can be taken back, the last first, as a group.
   * @throws ACCESS_DENIED and what `submitGroup` throws
   */
  undoRun(run: string, sequel: Sequel): Promise<Operation> {
    return this.#sequels.undoRun(run, sequel);
  }

  /** What takes an operation back now, or why nothing does. */
  undoOf(operation: Operation): TakingBack {
    return this.#sequels.undoOf(operation);
  }

  /** Does anew what of a group failed or was not begun. @throws OPERATION_UNKNOWN, RETRY_IMPOSSIBLE and what `submitGroup` throws */
  retry(id: string, sequel: Sequel): Promise<Operation> {
    return this.#sequels.retry(id, sequel);
  }

  /** The operation that a request started before, under the same idempotency key. @throws STORE_BROKEN */
  started(request: OperationRequest): Operation | undefined {
    const key = keyOf(request);
    const earlier = key === undefined ? undefined : this.#journal.started(key);
    return earlier && this.#latest(earlier);
  }

  /**
   * Resolves once the operation has ended, at once if it has already.
   * @throws OPERATION_UNKNOWN; STOPPING when virtflow stops before; the signal's reason
   */
  async finished(id: string, signal?: AbortSignal): Promise<Operation> {
    const live = this.#live.get(id);
    if (live) return abortable(live.end, signal);
    const operation = this.get(id);
    if (endStates.has(operation.state)) return operation;
    if (this.external.get(id)) return abortable(this.external.ended(id), signal);
    throw new VirtflowError('STOPPING');
  }

  /**
   * Cancels for whoever asks from outside: who asked for the operation, who may do its action there, or who answers for
   * what runs (`operations.operate`).
   * What others began is cancelled by an operation of its own, `vm.cancel-task`, by who may do that.
   * @throws OPERATION_UNKNOWN, ACCESS_DENIED, TOKEN_INVALID, STORE_*; of an external one, what `submit` throws
   */
  async requestCancel(id: string, origin: Origin): Promise<Operation> {
    const operation = this.get(id);
    if (operation.origin.through === 'external') return this.#cancelExternal(operation, origin);
    const action = operation.group ? undefined : this.#actions.get(operation.action);
    await this.#authority?.authoriseCancel(origin, operation, action);
    return this.cancel(id, origin.principal);
  }

  /**
   * Cancels for the house itself, without asking for rights: a queued operation at once; a running one is told to stop,
   * and ends as what the hypervisor made of it; a group with all its members. One that has ended is answered as it is.
   * @param by who asked
   * @throws OPERATION_UNKNOWN
   */
  cancel(id: string, by: string): Operation {
    const live = this.#live.get(id);
    if (!live) return this.get(id);
    const reason = cancelledBy(by);
    live.abort(reason);
    this.#line.leave(live, reason);
    return live.operation;
  }

  /** @throws OPERATION_UNKNOWN */
  get(id: string): Operation {
    const operation = this.#live.get(id)?.operation ?? this.external.get(id) ?? this.#journal.get(id);
    if (operation) return operation;
    throw new VirtflowError('OPERATION_UNKNOWN', { operation: id });
  }

  /** Newest first. @throws STORE_BROKEN */
  history(filter: HistoryFilter): readonly Operation[] {
    const recorded = this.#journal.history(filter).map((operation) => this.#latest(operation));
    return this.external.among(recorded, filter);
  }

  /** The members of a group that were begun, in the order of their places. @throws STORE_BROKEN */
  children(parent: string): readonly Operation[] {
    const found = everyPage((page) => this.history({ parent, ...page }));
    return found.sort((a, b) => (a.member ?? 0) - (b.member ?? 0));
  }

  /** Whether a task of a hypervisor is that of an operation which has not ended. */
  #began(record: TaskRecord): boolean {
    return [...this.#live.values()].some(({ operation: { task, target } }) => {
      return task !== null && target.connection === record.object.connection && isSameTask(task, record);
    });
  }

  /** Answers the external one, as it is once its cancelling is queued. */
  async #cancelExternal({ id, target, task, endedAt }: Operation, origin: Origin): Promise<Operation> {
    const object = objectOf(target);
    if (object && task && endedAt === null) {
      const parameters = { task: taskKey(task) };
      await this.submit({ action: cancelTask.id, target: object, parameters, origin });
    }
    return this.get(id);
  }

  #found(operation: Operation): LiveOperation {
    if (operation.group) return new LiveOperation(operation, true, () => this.#confidence.find(operation.id));
    const schema = () => this.#actions.get(operation.action).parameters;
    return new LiveOperation(operation, true, () => recall(this.#confidence, schema(), operation));
  }

  /** Whoever repeats a request hears of the operation that it started, if they may: a token may have been narrowed. */
  async #earlier({ origin }: { origin: Origin }, key: string | undefined): Promise<Operation | undefined> {
    this.#entrance.refuseWhenClosed();
    const earlier = key === undefined ? undefined : this.#journal.started(key);
    if (!earlier) return undefined;
    await this.#authority?.authoriseReading(origin, earlier);
    return this.#latest(earlier);
  }

  #resume(live: LiveOperation): void {
    if (live.operation.state === 'running') this.#ledger.interrupt(live, 'virtflow stopped while it ran');
    this.#line.resume(live);
  }

  #latest(operation: Operation): Operation {
    return this.#live.get(operation.id)?.operation ?? operation;
  }

  #prune(): void {
    try {
      this.#journal.prune(Date.now() - this.#settings.historyDays * dayMs);
    } catch (error) {
      this.#log.error(`The history of operations could not be pruned: ${String(error)}`);
    }
  }
}

/** Nobody is answered with what somebody else asked for, and a run never with the plan that was made before it. */
function keyOf({ idempotencyKey, mode = 'run', origin }: OperationRequest | GroupRequest): string | undefined {
  return idempotencyKey === undefined ? undefined : JSON.stringify([origin.principal, mode, idempotencyKey]);
}

function isBeforeRun({ operation: { state } }: LiveOperation): boolean {
  return state === 'queued' || state === 'waiting';
}

function isOfMembers({ operation }: LiveOperation): boolean {
  return operation.group !== undefined;
}
