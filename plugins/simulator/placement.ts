import { type HostObstacles, type Obstacle, obstaclesInWords } from '../../lib/drivers/obstacles.ts';
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
 * The host that is to carry a VM: the one that was asked for, or the one with most free memory. Where none can, the
 * error says of each host why.
 * @throws OBJECT_UNKNOWN, HYPERVISOR_FAILED, RESOURCES_EXHAUSTED
 */
export function hostFor(world: World, vm: SimulatedVm, wanted?: string): SimulatedHost {
  const needed = vm.config.memoryBytes.current;
  const candidates = wanted === undefined ? [...world.hosts.values()] : [world.host(wanted)];
  const able = candidates.filter((host) => obstaclesOn(host, needed).length === 0);
  if (able.length > 0) return able.reduce((best, host) => (freeOn(host) > freeOn(best) ? host : best));
  const hosts = candidates.map((host) => ({ host: host.name, obstacles: obstaclesOn(host, needed) }));
  throw noHost(world, hosts);
}

function obstaclesOn(host: SimulatedHost, neededBytes: number): Obstacle[] {
  if (!host.live) return [{ what: 'host', says: 'does not answer' }];
  const free = freeOn(host);
  if (free >= neededBytes) return [];
  return [{ what: 'memory', says: `${gib(free)} of memory free, ${gib(neededBytes)} needed` }];
}

function noHost(world: World, hosts: readonly HostObstacles[]): VirtflowError {
  const reason = `no host can carry it (${obstaclesInWords(hosts)})`;
  const lacksMemory = hosts.some(({ obstacles }) => obstacles.some(({ what }) => what === 'memory'));
  if (lacksMemory) return new VirtflowError('RESOURCES_EXHAUSTED', { resource: 'memory', reason, hosts });
  return world.failed(reason, { hosts });
}

function freeOn(host: SimulatedHost): number {
  return host.memoryBytes - memoryUsedOn(host);
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
