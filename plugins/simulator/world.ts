import { type ErrorDetails, VirtflowError } from '../../lib/model/errors.ts';
import type { EventType } from '../../lib/model/event.ts';
import { Feed } from '../../lib/model/feed.ts';
import type { WorldClock } from './clock.ts';
import { Faults } from './faults.ts';
import { buildFleet, type Fleet } from './fleet.ts';
import type { WorldShape } from './settings.ts';
import type {
  SimulatedHost,
  SimulatedNetwork,
  SimulatedObject,
  SimulatedPool,
  SimulatedStoragePool,
  SimulatedVm,
  SimulatedVolume,
} from './simulated.ts';
import { WorldTasks } from './world-tasks.ts';

export interface WorldEvent {
  readonly type: EventType;
  readonly object: SimulatedObject;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What a world tells those who are connected, in order. */
export type WorldFact =
  | { readonly type: 'put' | 'delete'; readonly object: SimulatedObject }
  | { readonly type: 'event'; readonly event: WorldEvent };

/** Somebody who is connected to a world. */
export interface WorldLink {
  readonly connection: string;
  break(error: VirtflowError): void;
}

/** A pool of hosts with VMs, storage and networks that lives in memory, and outlives whoever is connected to it. */
export class World {
  readonly facts = new Feed<WorldFact>();
  readonly faults: Faults;
  readonly tasks: WorldTasks;
  readonly pool: SimulatedPool;
  readonly hosts: ReadonlyMap<string, SimulatedHost>;
  readonly storagePools: ReadonlyMap<string, SimulatedStoragePool>;
  readonly networks: ReadonlyMap<string, SimulatedNetwork>;
  readonly vms: Map<string, SimulatedVm>;
  /** By source. */
  readonly volumes: Map<string, SimulatedVolume>;
  readonly name: string;
  readonly shape: WorldShape;
  readonly clock: WorldClock;
  readonly #links = new Set<WorldLink>();

  constructor(name: string, shape: WorldShape, clock: WorldClock) {
    this.name = name;
    this.shape = shape;
    this.clock = clock;
    this.faults = new Faults(this);
    this.tasks = new WorldTasks(clock);
    const fleet: Fleet = buildFleet(name, shape, clock.now());
    this.pool = fleet.pool;
    this.hosts = byId(fleet.hosts);
    this.storagePools = byId(fleet.storagePools);
    this.networks = byId(fleet.networks);
    this.vms = byId(fleet.vms);
    this.volumes = fleet.volumes;
  }

  get links(): readonly WorldLink[] {
    return [...this.#links];
  }

  attach(link: WorldLink): void {
    this.#links.add(link);
    this.clock.wake();
  }

  detach(link: WorldLink): void {
    this.#links.delete(link);
    if (this.#links.size === 0) this.clock.rest();
  }

  *objects(): Generator<SimulatedObject> {
    yield this.pool;
    yield* this.hosts.values();
    yield* this.storagePools.values();
    yield* this.networks.values();
    yield* this.vms.values();
  }

  /** @throws OBJECT_UNKNOWN */
  vm(id: string): SimulatedVm {
    const vm = this.vms.get(id);
    if (vm) return vm;
    throw new VirtflowError('OBJECT_UNKNOWN', {
      kind: 'vm',
      target: id,
      hint: 'the hypervisor has none with this id.',
    });
  }

  /** A VM by its name: for tests and demonstrations. @throws OBJECT_UNKNOWN */
  vmNamed(name: string): SimulatedVm {
    for (const vm of this.vms.values()) if (vm.config.name === name) return vm;
    throw new VirtflowError('OBJECT_UNKNOWN', { kind: 'vm', target: name, hint: 'the world has none of this name.' });
  }

  /** A host by its name or id. @throws OBJECT_UNKNOWN */
  host(name: string): SimulatedHost {
    for (const host of this.hosts.values()) if (host.name === name || host.id === name) return host;
    const known = [...this.hosts.values()].slice(0, 10).map((host) => host.name);
    throw new VirtflowError('OBJECT_UNKNOWN', { kind: 'host', target: name, hint: `there are ${known.join(', ')}.` });
  }

  /** Tells that something is new or changed; always before the event that says why. */
  changed(object: SimulatedObject): void {
    this.facts.publish({ type: 'put', object });
  }

  removed(object: SimulatedObject): void {
    this.facts.publish({ type: 'delete', object });
  }

  happened(type: EventType, object: SimulatedObject, reason: string | null, details: WorldEvent['details'] = {}): void {
    this.facts.publish({ type: 'event', event: { type, object, reason, details } });
  }

  /** The hypervisor's refusal of something that makes no sense now. */
  failed(reason: string, more: ErrorDetails = {}): VirtflowError {
    return new VirtflowError('HYPERVISOR_FAILED', {
      ...more,
      reason,
      host: `the simulator "${this.name}"`,
      hypervisorCode: 'none',
    });
  }
}

function byId<T extends { readonly id: string }>(objects: readonly T[]): Map<string, T> {
  return new Map(objects.map((object) => [object.id, object]));
}
