import type { Disk } from '../../lib/model/objects.ts';
import { newVm } from './define.ts';
import { buildHosts, poolId } from './machines.ts';
import { hostOwnBytes } from './placement.ts';
import { hash, macFrom, unit, uuidFrom } from './random.ts';
import { type Role, type RoleName, roles } from './roles.ts';
import type { WorldShape } from './settings.ts';
import type {
  SimulatedHost,
  SimulatedNetwork,
  SimulatedPool,
  SimulatedStoragePool,
  SimulatedVm,
  SimulatedVolume,
  VmConfig,
} from './simulated.ts';
import { beginUsage, holdUsage, runUsage } from './usage.ts';

export interface Fleet {
  readonly pool: SimulatedPool;
  readonly hosts: readonly SimulatedHost[];
  readonly vms: readonly SimulatedVm[];
  readonly storagePools: readonly SimulatedStoragePool[];
  readonly networks: readonly SimulatedNetwork[];
  readonly volumes: Map<string, SimulatedVolume>;
}

const GiB = 2 ** 30;
const dayMs = 86_400_000;

/** Which roles there are, in which measure; the twelfth of them all is a template. */
const mixture: readonly RoleName[] = [
  'web',
  'web',
  'db',
  'app',
  'mail',
  'ci',
  'dev',
  'backup',
  'monitor',
  'app',
  'dev',
  'web',
];
const pausedIndex = 6;
const haltedIndex = 10;
const templateIndex = 11;

/** Builds a believable pool of hosts and VMs: the same for the same shape, but for times of start. */
export function buildFleet(world: string, shape: WorldShape, now: number): Fleet {
  const { seed } = shape;
  const storagePools = buildStoragePools(seed, shape.vms);
  const volumes = new Map<string, SimulatedVolume>();
  const vms = buildVms(shape, { storagePools, volumes, now });
  const hosts = buildHosts(world, shape, vms, now);
  settle(shape, vms, hosts, now);
  const pool = { kind: 'pool', id: poolId(shape), name: world, coordinator: hosts[0]?.id ?? null } as const;
  return { pool, hosts, vms, storagePools, networks: buildNetworks(seed), volumes };
}

interface Ground {
  readonly storagePools: readonly SimulatedStoragePool[];
  readonly volumes: Map<string, SimulatedVolume>;
  readonly now: number;
}

function buildVms(shape: WorldShape, ground: Ground): SimulatedVm[] {
  const counts = new Map<string, number>();
  return Array.from({ length: shape.vms }, (_, index) => {
    const seed = hash(shape.seed, 2, index);
    const role = roles[mixture[index % mixture.length] ?? 'web'];
    const number = (counts.get(role.name) ?? 0) + 1;
    counts.set(role.name, number);
    const template = index === templateIndex;
    const name = template ? 'template-debian-12' : `${role.name}-${String(number).padStart(2, '0')}`;
    return newVm(uuidFrom(shape.seed, 3, index), configOf({ seed, role, name, template }, ground), seed);
  });
}

interface Plan {
  readonly seed: number;
  readonly role: Role;
  readonly name: string;
  readonly template: boolean;
}

function configOf({ seed, role, name, template }: Plan, ground: Ground): VmConfig {
  const vcpus = pick(role.vcpus, seed, 10);
  const memory = pick(role.memoryGiB, seed, 11) * GiB;
  const sizes = template ? [10] : role.diskGiB;
  const volumes = sizes.map((gib, index) => volumeOf({ seed, name, gib, index }, ground));
  return {
    name,
    description: template ? 'Debian 12, ready to be cloned' : role.description,
    tags: template ? ['template'] : role.tags,
    vcpus: { current: vcpus, maximum: vcpus * 2 },
    memoryBytes: { current: memory, maximum: memory },
    autostart: role.tags.includes('production'),
    template,
    role,
    hasAgent: role.agent,
    disks: [...volumes.map(diskOn), cdrom],
    volumes: [...volumes, null],
    nics: [{ mac: macFrom(seed, 12), network: role.network, model: 'virtio' }],
  };
}

const cdrom: Disk = { target: 'sda', device: 'cdrom', source: null, readOnly: true, shareable: false };

function diskOn(volume: SimulatedVolume, index: number): Disk {
  const target = `vd${String.fromCharCode(97 + index)}`;
  return { target, device: 'disk', source: volume.source, readOnly: false, shareable: false };
}

/** The first disk is fast; what is big lies on the slow pool. */
function volumeOf(
  { seed, name, gib, index }: { seed: number; name: string; gib: number; index: number },
  { storagePools, volumes, now }: Ground,
): SimulatedVolume {
  const [fast, slow] = storagePools;
  const pool = gib >= 200 ? slow : fast;
  if (!pool) throw new Error('a world has storage pools');
  const source = `/simulated/${pool.name}/${name}-vd${String.fromCharCode(97 + index)}.qcow2`;
  const filledRatio = 0.2 + 0.5 * unit(seed, 13, index);
  const filledPerDay = 0.0005 + 0.004 * unit(seed, 14, index);
  const volume = { source, pool, capacityBytes: gib * GiB, filledRatio, filledPerDay, madeAt: now };
  volumes.set(source, volume);
  pool.volumes.add(volume);
  return volume;
}

function buildStoragePools(seed: number, vms: number): SimulatedStoragePool[] {
  const sizes = [
    { name: 'ssd', type: 'rbd', tebibytes: Math.max(2, Math.ceil(vms * 0.06)) },
    { name: 'archive', type: 'nfs', tebibytes: Math.max(8, Math.ceil(vms * 0.5)) },
  ];
  return sizes.map(({ name, type, tebibytes }, index) => ({
    kind: 'storage-pool',
    id: uuidFrom(seed, 4, index),
    name,
    type,
    capacityBytes: tebibytes * 2 ** 40,
    volumes: new Set(),
  }));
}

function buildNetworks(seed: number): SimulatedNetwork[] {
  return ['lan', 'dmz', 'storage'].map((name, index) => ({
    kind: 'network',
    id: uuidFrom(seed, 5, index),
    name,
    bridge: `br-${name}`,
  }));
}

/** Every VM gets its host and its state: most run, for some days already. */
function settle(shape: WorldShape, vms: readonly SimulatedVm[], hosts: readonly SimulatedHost[], now: number): void {
  const free = hosts.map((host) => host.memoryBytes - hostOwnBytes);
  for (const [index, vm] of vms.entries()) {
    if (!isOn(shape.seed, index)) continue;
    const place = free.indexOf(Math.max(...free));
    const host = hosts[place];
    if (!host) continue;
    free[place] = (free[place] ?? 0) - vm.config.memoryBytes.current;
    const days = 1 + 35 * unit(shape.seed, 8, index);
    turnOn(vm, host, now - Math.round(days * dayMs));
    if (index === pausedIndex) {
      vm.power = 'paused';
      holdUsage(vm, now);
    }
  }
}

function isOn(seed: number, index: number): boolean {
  if (index === templateIndex || index === haltedIndex) return false;
  return index < mixture.length || unit(seed, 9, index) > 0.12;
}

function turnOn(vm: SimulatedVm, host: SimulatedHost, startedAt: number): void {
  vm.host = host;
  host.vms.add(vm);
  vm.power = 'running';
  vm.phase = 'up';
  vm.agent = vm.config.hasAgent ? 'connected' : 'absent';
  beginUsage(vm, startedAt);
  runUsage(vm, startedAt);
}

function pick<T>(choices: readonly T[], seed: number, salt: number): T {
  const choice = choices[Math.floor(unit(seed, salt) * choices.length)];
  if (choice === undefined) throw new Error('a role has at least one size');
  return choice;
}
