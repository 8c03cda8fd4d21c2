import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../../lib/access/audit/audit-log.ts';
import { ActionRegistry } from '../../lib/actions/registry.ts';
import { Governor } from '../../lib/governor/governor.ts';
import { Inventory } from '../../lib/inventory/inventory.ts';
import type { Log } from '../../lib/model/log.ts';
import type { Vm } from '../../lib/model/objects.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { DrivenClock } from '../calendar/driven-clock.ts';
import { House } from '../operations/house.ts';
import { TestHypervisor } from '../operations/hypervisor.ts';

interface GovernedOptions {
  readonly rules?: readonly Record<string, unknown>[];
  readonly directory?: string;
  readonly hypervisor?: TestHypervisor;
  readonly log?: Log;
  /** How much further than the machine's the governor's clock is. */
  readonly aheadMs?: number;
}

const silent: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** Operations under a governor whose clock goes when the test says so. */
export class GovernedHouse {
  readonly house: House;
  readonly governor: Governor;
  readonly audit: AuditLog;
  readonly clock: DrivenClock;
  readonly #aheadMs: number;

  constructor({ rules, directory, hypervisor, log = silent, aheadMs = 0 }: GovernedOptions = {}) {
    const dataDirectory = directory ?? mkdtempSync(join(tmpdir(), 'virtflow-governor-'));
    const store = openSqliteStore(join(dataDirectory, 'state.db'));
    const inventory = new Inventory();
    this.#aheadMs = aheadMs;
    this.clock = new DrivenClock(Date.now() + aheadMs);
    this.audit = new AuditLog(store);
    const { journal, states } = store;
    const actions = new ActionRegistry();
    const { audit, clock } = this;
    this.governor = new Governor({ dataDirectory, journal, states, audit, actions, inventory, log, clock });
    if (rules) this.governor.setRules('tester', { version: 1, rules });
    const guards = [this.governor];
    const lab = hypervisor ?? new TestHypervisor('lab');
    this.house = new House({ directory: dataDirectory, store, inventory, guards, hypervisor: lab });
    this.house.connect();
    this.governor.start(this.house.operations);
    this.house.operations.start();
  }

  /** VMs that run, unless `about` says how else they are; three or more. */
  vms(count: number, about: Partial<Vm> = {}): readonly [ObjectRef, ObjectRef, ObjectRef, ...ObjectRef[]] {
    const add = (place: number) => {
      const id = `vm-${place}`;
      return this.house.hypervisor.add({ id, name: id, power: 'running', ...about });
    };
    const others = Array.from({ length: Math.max(0, count - 3) }, (_, index) => add(index + 4));
    return [add(1), add(2), add(3), ...others];
  }

  /** Lets time go by for the governor. */
  async pass(ms: number): Promise<void> {
    await this.clock.run(ms);
  }

  /** The process dies, and another begins where it was. */
  crash(laterMs = 0): GovernedHouse {
    this.governor.stop();
    const { directory, hypervisor } = this.house;
    const ahead = this.#aheadMs + this.clock.monotonicMs() + laterMs;
    this.house.crashed();
    return new GovernedHouse({ directory, hypervisor, aheadMs: ahead });
  }

  audited(): readonly { readonly what: string; readonly who: string; readonly about: Record<string, unknown> }[] {
    return [...this.audit.rows()].map(({ entry }) => JSON.parse(entry));
  }
}
