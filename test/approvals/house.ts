import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Access } from '../../lib/access/access.ts';
import type { AccountGrant } from '../../lib/access/account.ts';
import { ActionRegistry } from '../../lib/actions/registry.ts';
import type { Approval, ApprovalEvent } from '../../lib/approvals/approval.ts';
import { ApprovalRoom } from '../../lib/approvals/approval-room.ts';
import type { GivenAnswer } from '../../lib/approvals/approvals.ts';
import type { Policies, Policy } from '../../lib/approvals/policy.ts';
import { Connections } from '../../lib/connections/connections.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { Inventory } from '../../lib/inventory/inventory.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type { Operation, OperationRequest, Origin } from '../../lib/operations/operation.ts';
import { Operations } from '../../lib/operations/operations.ts';
import { Safe } from '../../lib/secrets/safe.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { DrivenClock } from '../calendar/driven-clock.ts';
import { TestHypervisor } from '../operations/hypervisor.ts';

export const flow: Origin = { through: 'flow', principal: 'node-red', flow: 'tab-1' };
export const as = (role: string, about: Partial<AccountGrant> = {}): AccountGrant => ({
  effect: 'allow',
  role,
  scope: {},
  ...about,
});

const open = new Set<ApprovalHouse>();

/** Operations with rights, an audit record and approvals, on a hypervisor and a clock in the test's hand. */
export class ApprovalHouse {
  readonly directory: string;
  readonly hypervisor: TestHypervisor;
  readonly clock: DrivenClock;
  readonly inventory = new Inventory();
  readonly connections: Connections;
  readonly said: string[] = [];
  readonly told: ApprovalEvent[] = [];
  readonly store: Store;
  readonly access: Access;
  readonly safe: Safe;
  readonly room: ApprovalRoom;
  readonly operations: Operations;

  constructor(before?: ApprovalHouse) {
    this.directory = before?.directory ?? mkdtempSync(join(tmpdir(), 'virtflow-approvals-'));
    this.hypervisor = before?.hypervisor ?? new TestHypervisor('lab');
    this.clock = before?.clock ?? new DrivenClock(Date.now());
    const drivers = new DriverRegistry();
    drivers.register(this.hypervisor.driver);
    this.connections = new Connections(drivers, this.inventory);
    this.store = openSqliteStore(join(this.directory, 'state.db'));
    const say = (text: string) => this.said.push(text);
    const log = { error: say, warn: say, info: say, debug: say };
    const { inventory, connections, clock, store, directory: dataDirectory } = this;
    this.access = new Access({ store, inventory, dataDirectory, log });
    this.safe = new Safe(store, { name: 'a test', keys: () => [Buffer.alloc(32, 'k')] });
    this.safe.open();
    const { access, safe } = this;
    this.room = new ApprovalRoom({ states: store.states, safe, access, inventory, dataDirectory, log, clock });
    this.operations = new Operations({
      journal: this.access.journal,
      authority: this.room.authority,
      guards: [this.room.guard],
      actions: new ActionRegistry(),
      inventory,
      connections,
      log,
    });
    this.room.approvals.events.subscribe((event) => this.told.push(event));
    open.add(this);
  }

  start(): this {
    this.connections.acquire({ name: 'lab', driver: 'test', uri: '' }, 'test');
    this.access.start();
    this.operations.start();
    this.room.start(this.operations);
    return this;
  }

  /** The process dies, and another one is started. */
  crash(): ApprovalHouse {
    this.#end();
    return new ApprovalHouse(this).start();
  }

  user(name: string, ...grants: readonly AccountGrant[]): Origin {
    this.access.accounts.adopt('test', name, grants, 'no hash');
    return { through: 'rest', principal: name };
  }

  policies(...policies: readonly Policy[]): void {
    this.file({ policies: [...policies] });
  }

  file(policies: Policies): void {
    writeFileSync(this.room.policies.path, JSON.stringify(policies));
  }

  submit(action: string, target: ObjectRef, more: Partial<OperationRequest> = {}): Promise<Operation> {
    return this.operations.submit({ action, target, parameters: {}, origin: flow, ...more });
  }

  /** Resolves with the approval once it is asked for. */
  async asked(id: string, round = 1): Promise<Approval> {
    const is = ({ approval }: ApprovalEvent) => approval.id === id && approval.round === round;
    const now = this.room.approvals.find(id);
    if (now && now.round >= round) return now;
    const { promise, resolve } = Promise.withResolvers<Approval>();
    const unsubscribe = this.room.approvals.events.subscribe((event) => is(event) && resolve(event.approval));
    return promise.finally(unsubscribe);
  }

  answer(id: string, name: string, given: Partial<GivenAnswer> = {}): Promise<Approval> {
    const round = this.room.approvals.get(id).round;
    const who = this.access.principals.named(name);
    return this.room.approvals.answer(id, { decision: 'grant', round, ...given }, { who, via: 'rest' });
  }

  /** Submits, waits until it is asked, and answers with what was asked. */
  async ask(action: string, target: ObjectRef, more: Partial<OperationRequest> = {}): Promise<Approval> {
    const { id } = await this.submit(action, target, more);
    return this.asked(id);
  }

  /** What was recorded of single approvals: `approval.granted anna`. */
  recorded(): string[] {
    const entries = [...this.access.audit.rows()].map(({ entry }) => JSON.parse(entry));
    return entries.filter(({ about }) => about.approval !== undefined).map(({ what, who }) => `${what} ${who}`);
  }

  async close(): Promise<void> {
    await this.operations.stop(0);
    this.#end();
    await this.connections.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #end(): void {
    this.room.stop();
    this.access.stop();
    this.store.close();
    this.operations.stop(0).catch(assert.fail);
    open.delete(this);
  }
}

/** A house with anna and ben, who are operators, and with the policy that all forced power-offs are approved. */
export function aHouse(...policies: readonly Policy[]): ApprovalHouse {
  const house = new ApprovalHouse();
  house.policies(...(policies.length > 0 ? policies : [{ name: 'force-offs', actions: ['vm.force-off'] }]));
  house.start();
  house.user('anna', as('operator'));
  house.user('ben', as('operator'));
  return house;
}

export async function closeHouses(): Promise<void> {
  await Promise.all([...open].map((house) => house.close()));
}
