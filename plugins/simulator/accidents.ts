import { letGo } from './power.ts';
import type { SimulatedVm } from './simulated.ts';
import { holdUsage, runUsage } from './usage.ts';
import type { World } from './world.ts';

/**
 * A host dies. `unknown`: nobody can tell what its VMs do, and they run on should it come back. `crashed`: they died
 * with it.
 */
export function hostFails(world: World, name: string, vmsBecome: 'unknown' | 'crashed'): void {
  const host = world.host(name);
  if (!host.live) return;
  host.live = false;
  world.changed(host);
  world.happened('host.disconnected', host, 'failed');
  for (const vm of [...host.vms]) {
    if (vmsBecome === 'crashed') crash(world, vm, 'host-failed');
    else becomesUnknown(world, vm);
  }
}

/** A host answers again; VMs that were unknown run on. */
export function hostRecovers(world: World, name: string): void {
  const host = world.host(name);
  if (host.live) return;
  host.live = true;
  world.changed(host);
  world.happened('host.connected', host, 'recovered');
  for (const vm of host.vms) runsOn(world, vm);
}

/** The guest panics, and its VM with it. */
export function crash(world: World, vm: SimulatedVm, reason = 'panicked'): void {
  vm.job?.end(world.failed('the VM crashed'));
  letGo(world, vm, 'crashed');
  world.changed(vm);
  world.happened('vm.crashed', vm, reason);
}

/** The guest hangs: its VM runs, and nobody answers inside. */
export function hang(vm: SimulatedVm, hung = true): void {
  vm.hung = hung;
}

/** The guest does nothing when it is asked to shut down or reboot. */
export function ignoreShutdown(vm: SimulatedVm, ignores = true): void {
  vm.ignoresShutdown = ignores;
}

function becomesUnknown(world: World, vm: SimulatedVm): void {
  vm.job?.end(world.failed('the host does not answer'));
  vm.pausedWhenLost = vm.power === 'paused';
  holdUsage(vm, world.clock.now());
  vm.timer.freeze(world.clock);
  vm.power = 'unknown';
  world.changed(vm);
  world.happened('vm.changed', vm, 'host-failed');
}

function runsOn(world: World, vm: SimulatedVm): void {
  if (vm.power !== 'unknown') return;
  vm.power = vm.pausedWhenLost ? 'paused' : 'running';
  if (!vm.pausedWhenLost) {
    runUsage(vm, world.clock.now());
    vm.timer.thaw(world.clock);
  }
  world.changed(vm);
  world.happened('vm.changed', vm, 'host-recovered');
}
