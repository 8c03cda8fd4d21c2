import { VirtflowError } from '../../lib/model/errors.ts';
import type { SimulatedHost, SimulatedVm } from './simulated.ts';
import type { World } from './world.ts';

/** What a host keeps for itself. */
export const hostOwnBytes = 4 * 2 ** 30;

export function memoryUsedOn(host: SimulatedHost): number {
  let used = hostOwnBytes;
  for (const vm of host.vms) used += vm.config.memoryBytes.current;
  return used;
}

/**
 * The host that is to carry a VM: the one that was asked for, or the one with most free memory.
 * @throws OBJECT_UNKNOWN, HYPERVISOR_FAILED, RESOURCES_EXHAUSTED
 */
export function hostFor(world: World, vm: SimulatedVm, wanted?: string): SimulatedHost {
  const needed = vm.config.memoryBytes.current;
  if (wanted !== undefined) {
    const host = world.host(wanted);
    if (!host.live) throw world.failed(`the host ${host.name} does not answer`);
    if (freeOn(host) < needed)
      throw exhausted(`${host.name} has ${gib(freeOn(host))} free, and ${gib(needed)} are needed`);
    return host;
  }
  const free = [...world.hosts.values()].filter((host) => host.live && freeOn(host) >= needed);
  if (free.length === 0) throw exhausted(`no host has ${gib(needed)} free`);
  return free.reduce((best, host) => (freeOn(host) > freeOn(best) ? host : best));
}

function freeOn(host: SimulatedHost): number {
  return host.memoryBytes - memoryUsedOn(host);
}

function exhausted(reason: string): VirtflowError {
  return new VirtflowError('RESOURCES_EXHAUSTED', { resource: 'memory', reason });
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
