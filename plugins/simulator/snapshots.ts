import type { NewSnapshot } from '../../lib/drivers/vms.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Snapshot } from '../../lib/model/objects.ts';
import { expectState } from './power.ts';
import type { SimulatedSnapshot, SimulatedVm } from './simulated.ts';
import type { World } from './world.ts';

/** Refuses a name that is taken, as libvirt does. @throws HYPERVISOR_FAILED, HYPERVISOR_BUSY */
export function takeSnapshot(world: World, vm: SimulatedVm, { name, description }: NewSnapshot): SimulatedSnapshot {
  expectState(world, vm, 'running', 'paused', 'halted');
  if (vm.snapshots.some((one) => one.name === name)) throw world.failed(`the snapshot ${name} exists already`);
  const parent = vm.snapshots.at(-1)?.name ?? null;
  const made = { name, description, parent, withMemory: vm.power !== 'halted', createdAt: world.clock.now() };
  vm.snapshots.push(made);
  return made;
}

/** Those that stood on it stand on its parent then. @throws OBJECT_UNKNOWN */
export function deleteSnapshot(vm: SimulatedVm, name: string): void {
  const index = vm.snapshots.findIndex((one) => one.name === name);
  const gone = vm.snapshots[index];
  if (!gone) {
    const hint = `${vm.config.name} has none of that name.`;
    throw new VirtflowError('OBJECT_UNKNOWN', { kind: 'snapshot', target: name, hint });
  }
  const left = vm.snapshots.filter((one) => one !== gone);
  const others = left.map((one) => (one.parent === name ? { ...one, parent: gone.parent } : one));
  vm.snapshots.splice(0, vm.snapshots.length, ...others);
}

export function snapshotOf(connection: string, vm: SimulatedVm, snapshot: SimulatedSnapshot): Snapshot {
  const id = `${vm.id}/${snapshot.name}`;
  return { connection, kind: 'snapshot', id, vm: vm.id, tags: [], ...snapshot };
}
