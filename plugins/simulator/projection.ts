import type { HypervisorTask } from '../../lib/drivers/job.ts';
import type { TaskRecord } from '../../lib/drivers/tasks.ts';
import type { HypervisorEvent } from '../../lib/model/event.ts';
import type { AnyObject, Host, Network, Pool, StoragePool, Vm } from '../../lib/model/objects.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type {
  SimulatedHost,
  SimulatedNetwork,
  SimulatedObject,
  SimulatedPool,
  SimulatedStoragePool,
  SimulatedVm,
} from './simulated.ts';
import { usedBytes } from './simulated.ts';
import type { World, WorldEvent } from './world.ts';
import type { SimulatedTask } from './world-tasks.ts';

export const version = '1.0';

/** An object of a world, as a connection tells of it. */
export function objectOf(connection: string, object: SimulatedObject, now: number): AnyObject {
  if (object.kind === 'vm') return vmOf(connection, object);
  if (object.kind === 'host') return hostOf(connection, object);
  if (object.kind === 'storage-pool') return storagePoolOf(connection, object, now);
  if (object.kind === 'network') return networkOf(connection, object);
  return poolOf(connection, object);
}

export function refOfObject(connection: string, object: SimulatedObject): ObjectRef {
  return { connection, kind: object.kind, id: object.id };
}

export function nameOf(object: SimulatedObject): string {
  return object.kind === 'vm' ? object.config.name : object.name;
}

export function eventOf(
  connection: string,
  world: World,
  { type, object, reason, details }: WorldEvent,
): HypervisorEvent {
  const at = world.clock.stamp();
  return { type, at, object: refOfObject(connection, object), name: nameOf(object), reason, details };
}

const none: readonly string[] = [];

export function vmOf(connection: string, vm: SimulatedVm): Vm {
  const { config, host } = vm;
  return {
    connection,
    kind: 'vm',
    id: vm.id,
    name: config.name,
    description: config.description,
    tags: config.tags,
    power: vm.power,
    host: host?.id ?? null,
    hostName: host?.name ?? null,
    vcpus: config.vcpus,
    memoryBytes: config.memoryBytes,
    persistent: true,
    autostart: config.autostart,
    template: config.template,
    agent: vm.agent,
    disks: config.disks,
    nics: config.nics,
  };
}

function hostOf(connection: string, host: SimulatedHost): Host {
  const { id, name, pool, live, cpu, memoryBytes, address } = host;
  const hypervisor = { name: 'Simulator', version };
  const stands = { description: 'Simulated host', tags: none, enabled: true };
  return { connection, kind: 'host', id, name, ...stands, pool, live, cpu, memoryBytes, hypervisor, address };
}

function storagePoolOf(connection: string, pool: SimulatedStoragePool, now: number): StoragePool {
  const { id, name, type, capacityBytes } = pool;
  const stands = { description: 'Simulated storage', tags: none, active: true, shared: true };
  return {
    connection,
    kind: 'storage-pool',
    id,
    name,
    ...stands,
    type,
    capacityBytes,
    usedBytes: usedBytes(pool, now),
  };
}

function networkOf(connection: string, { id, name, bridge }: SimulatedNetwork): Network {
  return { connection, kind: 'network', id, name, description: 'Simulated network', tags: none, active: true, bridge };
}

function poolOf(connection: string, { id, name, coordinator }: SimulatedPool): Pool {
  const stands = { description: 'Simulated pool', tags: none, highAvailability: false };
  return { connection, kind: 'pool', id, name, ...stands, coordinator };
}

export const taskType = 'simulator.task';

export function taskOf(id: string): HypervisorTask {
  return { id, type: taskType };
}

/** A task as a connection tells of it. */
export function recordOf(connection: string, task: SimulatedTask): TaskRecord {
  const { id, operation, vm, state, progress, startedAt, cancellable, says } = task;
  const about = { task: taskOf(id), operation, object: refOfObject(connection, vm), name: nameOf(vm) };
  return { ...about, state, progress, startedAt, cancellable, says };
}
