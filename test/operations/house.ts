import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import type { AnyAction } from '../../lib/actions/action.ts';
import { ActionRegistry } from '../../lib/actions/registry.ts';
import { Connections } from '../../lib/connections/connections.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { Inventory } from '../../lib/inventory/inventory.ts';
import type { Log } from '../../lib/model/log.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type { Confidence } from '../../lib/operations/confidential.ts';
import type { Guard } from '../../lib/operations/guard.ts';
import type { Operation, OperationEvent, OperationRequest } from '../../lib/operations/operation.ts';
import { Operations, type OperationsSettings } from '../../lib/operations/operations.ts';
import { OperationParameters } from '../../lib/secrets/operation-parameters.ts';
import { Safe } from '../../lib/secrets/safe.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { TestHypervisor } from './hypervisor.ts';

const open = new Set<House>();

/** The rooms that operations need, on a journal on disk and a hypervisor that a test holds in its hand. */
export class House {
  readonly hypervisor: TestHypervisor;
  readonly inventory: Inventory;
  readonly connections: Connections;
  readonly events: OperationEvent[] = [];
  /** The errors in its log. */
  readonly said: string[] = [];
  readonly directory: string;
  readonly store: Store;
  readonly operations: Operations;

  constructor(about: HouseOptions = {}) {
    this.directory = about.directory ?? mkdtempSync(join(tmpdir(), 'virtflow-operations-'));
    this.hypervisor = about.hypervisor ?? new TestHypervisor('lab');
    this.inventory = about.inventory ?? new Inventory();
    const drivers = new DriverRegistry();
    drivers.register(this.hypervisor.driver);
    this.connections = new Connections(drivers, this.inventory);
    this.store = about.store ?? openSqliteStore(join(this.directory, 'state.db'));
    this.operations = new Operations({
      journal: this.store.journal,
      actions: new ActionRegistry(about.actions),
      inventory: this.inventory,
      connections: this.connections,
      log: this.#log(),
      settings: about.settings ?? {},
      confidence: confidenceOn(this.store),
      guards: about.guards ?? [],
    });
    this.operations.events.subscribe((event) => this.events.push(event));
    open.add(this);
  }

  connect(): void {
    this.connections.acquire({ name: this.hypervisor.name, driver: 'test', uri: '' }, 'test');
  }

  /** The process dies: nothing is told, nothing is written any more. Answers the house that is built after it. */
  crash(about: HouseOptions = {}): House {
    this.crashed();
    return new House({ hypervisor: this.hypervisor, directory: this.directory, ...about });
  }

  /** The same, and nobody comes after it yet. */
  crashed(): void {
    this.store.close();
    // What it would still say is lost with the journal; only its timers must not outlive the test.
    this.operations.stop(0).catch(assert.fail);
    open.delete(this);
  }

  request(action: string, target: ObjectRef, more: Partial<OperationRequest> = {}): OperationRequest {
    return { action, target, parameters: {}, origin: { through: 'test', principal: 'tester' }, ...more };
  }

  submit(action: string, target: ObjectRef, more: Partial<OperationRequest> = {}): Promise<Operation> {
    return this.operations.submit(this.request(action, target, more));
  }

  async run(action: string, target: ObjectRef, more: Partial<OperationRequest> = {}): Promise<Operation> {
    const { id } = await this.submit(action, target, more);
    return this.operations.finished(id);
  }

  /** Resolves when an event says so; those that were told before count as well. */
  async until(says: (event: OperationEvent) => boolean): Promise<OperationEvent> {
    const told = this.events.find(says);
    if (told) return told;
    const { promise, resolve } = Promise.withResolvers<OperationEvent>();
    const unsubscribe = this.operations.events.subscribe((event) => says(event) && resolve(event));
    return promise.finally(unsubscribe);
  }

  async untilSaid(error: RegExp): Promise<void> {
    while (!this.said.some((line) => error.test(line))) await new Promise(setImmediate);
  }

  #log(): Log {
    return { error: (line) => this.said.push(line), warn: () => {}, info: () => {}, debug: () => {} };
  }

  async started(id: string): Promise<void> {
    await this.until(({ type, operation }) => type === 'started' && operation.id === id);
    // Its run begins in the same breath, after those who listen.
    await Promise.resolve();
  }

  async close(): Promise<void> {
    await this.operations.stop(0);
    await this.connections.stop();
    this.store.close();
    rmSync(this.directory, { recursive: true, force: true });
    open.delete(this);
  }
}

/** What no record shows is kept in the store, encrypted, as on a whole platform. */
function confidenceOn(store: Store): Confidence {
  const safe = new Safe(store, { name: 'a test', keys: () => [Buffer.alloc(32, 'k')] });
  safe.open();
  return new OperationParameters(safe);
}

export interface HouseOptions {
  readonly hypervisor?: TestHypervisor;
  readonly directory?: string;
  readonly actions?: readonly AnyAction[];
  readonly settings?: Partial<OperationsSettings>;
  readonly store?: Store;
  readonly inventory?: Inventory;
  readonly guards?: readonly Guard[];
}

/** A house whose connection is up and whose operations have started; `closeHouses` takes it down. */
export function aHouse(about: HouseOptions = {}): House {
  const house = new House(about);
  house.connect();
  house.operations.start();
  return house;
}

export async function closeHouses(): Promise<void> {
  mock.timers.reset();
  await Promise.all([...open].map((house) => house.close()));
}

/** A door that opens when the test says so. */
export function aDoor(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
