import type { AnyAction } from '../actions/action.ts';
import type { ConnectionFact } from '../connections/connections.ts';
import type { HypervisorConnection } from '../drivers/driver.ts';
import type { TaskRecord } from '../drivers/tasks.ts';
import type { InventoryFact } from '../inventory/inventory.ts';
import { VirtflowError } from '../model/errors.ts';
import type { Feed } from '../model/feed.ts';
import type { AnyObject } from '../model/objects.ts';
import { formatRef, type ObjectRef, sameObject } from '../model/reference.ts';
import { type Operation, objectOf } from './operation.ts';
import { type Surroundings, touchedBeside } from './touches.ts';
import { abortable, pause, within } from './waiting.ts';

export interface ConnectionSource {
  readonly states: Feed<ConnectionFact>;
  readonly tasks: Feed<TaskRecord>;
  /** @throws CONNECTION_UNKNOWN */
  get(name: string): HypervisorConnection;
}

export interface InventorySource extends Surroundings {
  readonly changes: Feed<InventoryFact>;
  list(filter: { connection: string }): readonly AnyObject[];
}

/** What an operation works on, as the hypervisor has it now; null when that is the connection itself. */
export type FreshTarget = AnyObject | null;

/** A hypervisor that answers nothing for so long is as good as gone. */
export const answerWithinMs = 15_000;

/** What operations see of the hypervisors. */
export class World {
  readonly #connections: ConnectionSource;
  readonly #inventory: InventorySource;

  constructor(connections: ConnectionSource, inventory: InventorySource) {
    this.#connections = connections;
    this.#inventory = inventory;
  }

  /** @throws CONNECTION_UNKNOWN, CONNECTION_DOWN */
  connected(name: string): HypervisorConnection {
    const connection = this.#connections.get(name);
    const { state } = connection;
    if (state.phase === 'connected') return connection;
    const reason = state.phase === 'waiting' ? state.error.message : `it is ${state.phase}`;
    throw new VirtflowError('CONNECTION_DOWN', { connection: name, reason });
  }

  isConnected(name: string): boolean {
    try {
      return this.connected(name) !== undefined;
    } catch {
      return false;
    }
  }

  /** Resolves once a connection of this name is up, though nobody may have made it yet; rejects when aborted. */
  async untilConnected(name: string, signal: AbortSignal): Promise<void> {
    if (this.isConnected(name)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = this.#connections.states.subscribe(({ connection, state }) => {
      if (connection === name && state.phase === 'connected') resolve();
    });
    await abortable(promise, signal).finally(unsubscribe);
  }

  /**
   * Asks the hypervisor for the target; undefined when it has none such.
   * @throws CONNECTION_UNKNOWN, CONNECTION_DOWN, CONNECTION_LOST, HYPERVISOR_*
   */
  async fetch(target: Operation['target']): Promise<FreshTarget | undefined> {
    const connection = this.connected(target.connection);
    const object = objectOf(target);
    if (object === null) return null;
    // The other kinds have no area of their own yet; their inventory is kept by the same events.
    if (object.kind !== 'vm') return this.#inventory.get(object);
    const late = () => new VirtflowError('CONNECTION_DOWN', { connection: target.connection, reason: 'no answer' });
    return within(connection.vms.get(object), answerWithinMs, late);
  }

  /** Whether what an action wants holds now; undefined when its declaration has no way to tell. */
  async holds(operation: Operation, action: AnyAction): Promise<boolean | undefined> {
    const { id, parameters } = operation;
    const target = await this.fetch(operation.target);
    if (target === undefined || !action.holds) return isDone(action, target, parameters);
    const connection = this.connected(operation.target.connection);
    const late = () => new VirtflowError('CONNECTION_DOWN', { connection: connection.name, reason: 'no answer' });
    return within(action.holds({ target, parameters, connection, operation: id }), answerWithinMs, late);
  }

  others(connection: string): readonly AnyObject[] {
    return this.#inventory.list({ connection });
  }

  touched(target: FreshTarget): readonly ObjectRef[] {
    return touchedBeside(target, this.#inventory);
  }

  /**
   * Resolves true as soon as the inventory shows the target so, false after `timeoutMs`.
   * @throws the signal's reason; CONNECTION_UNKNOWN when the connection was taken away
   */
  async until(
    target: Operation['target'],
    condition: (object: FreshTarget | undefined) => boolean,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const own = objectOf(target);
    const look = () => {
      if (condition(this.#shown(target))) resolve(true);
    };
    const unsubscribe = this.#inventory.changes.subscribe((fact) => {
      if (own !== null && !sameObject(fact.object, own)) return;
      attempt(look, reject);
    });
    attempt(look, reject);
    const stop = new AbortController();
    const late = pause(timeoutMs, AbortSignal.any([signal, stop.signal])).then(() => false);
    return Promise.race([promise, late]).finally(() => {
      unsubscribe();
      stop.abort();
    });
  }

  /** Objects of a connection that was taken away leave the inventory as well, and that is not what it means. */
  #shown(target: Operation['target']): FreshTarget | undefined {
    const own = objectOf(target);
    if (own === null) return null;
    const object = this.#inventory.get(own);
    if (!object) this.#connections.get(target.connection);
    return object;
  }
}

/** Whether what an action wants holds; undefined when its declaration has no way to tell. */
export function isDone(
  action: AnyAction,
  target: FreshTarget | undefined,
  parameters: Operation['parameters'],
): boolean | undefined {
  if (target === undefined) return whenGone(action, parameters);
  if (action.done) return action.done({ target, parameters });
  return action.removesTarget ? false : undefined;
}

function whenGone(action: AnyAction, parameters: Operation['parameters']): boolean | undefined {
  const proves = action.goneIsDone?.(parameters) ?? action.removesTarget ?? false;
  if (proves) return true;
  return action.removesTarget ? undefined : false;
}

/** A target as a plan takes it to be. */
export function assumed(target: FreshTarget | undefined, assume: Operation['assume']): FreshTarget | undefined {
  return target && assume ? Object.assign({}, target, assume) : target;
}

/** @throws OBJECT_UNKNOWN */
export function unknownTarget(target: Operation['target']): VirtflowError {
  const object = objectOf(target);
  const text = object ? formatRef(object) : target.connection;
  return new VirtflowError('OBJECT_UNKNOWN', { kind: target.kind, target: text, hint: 'it may have been deleted.' });
}

function attempt(look: () => void, reject: (error: unknown) => void): void {
  try {
    look();
  } catch (error) {
    reject(error);
  }
}
