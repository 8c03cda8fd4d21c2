import { VirtflowError } from '../../lib/model/errors.ts';
import type { Disk } from '../../lib/model/objects.ts';
import type { DiskDefinition, VmDefinition } from './definition.ts';
import { GuestTimer } from './guest-timer.ts';
import { expectState } from './power.ts';
import { hashText, macFrom, uuidFrom } from './random.ts';
import { isRoleName, type RoleName, roles } from './roles.ts';
import type { SimulatedStoragePool, SimulatedVm, SimulatedVolume, VmConfig } from './simulated.ts';
import { noUsage } from './usage.ts';
import type { World } from './world.ts';

/** Makes a VM, or gives one that exists a new definition: that of a running VM holds from its next start. */
export function define(world: World, definition: VmDefinition): SimulatedVm {
  const existing = existingVm(world, definition);
  const vm = existing ?? newVm(definition.id ?? freeId(world, definition.name), configOf(world, definition));
  if (existing) redefine(world, existing, definition);
  else world.vms.set(vm.id, vm);
  world.changed(vm);
  if (existing) world.happened('vm.changed', vm, 'redefined');
  else world.happened('vm.defined', vm, 'added');
  return vm;
}

function existingVm(world: World, { id, name }: VmDefinition): SimulatedVm | undefined {
  const named = [...world.vms.values()].find((vm) => vm.config.name === name);
  if (!named || id === undefined || named.id === id) return named ?? (id === undefined ? undefined : world.vms.get(id));
  const reason = `the name ${name} is taken by the VM ${named.id}`;
  throw new VirtflowError('DEFINITION_INVALID', { reason });
}

function redefine(world: World, vm: SimulatedVm, definition: VmDefinition): void {
  const config = configOf(world, definition, vm.config);
  if (vm.host) {
    vm.nextConfig = config;
    return;
  }
  vm.config = config;
  vm.agent = config.hasAgent ? 'disconnected' : 'absent';
}

export function newVm(id: string, config: VmConfig, seed = hashText(id)): SimulatedVm {
  return {
    kind: 'vm',
    id,
    config,
    nextConfig: null,
    power: 'halted',
    host: null,
    agent: config.hasAgent ? 'disconnected' : 'absent',
    phase: 'off',
    timer: new GuestTimer(),
    usage: noUsage(seed),
    asked: null,
    goingDown: null,
    ignoresShutdown: false,
    hung: false,
    pausedWhenLost: false,
    job: null,
    snapshots: [],
  };
}

function freeId(world: World, name: string): string {
  for (let turn = 0; ; turn += 1) {
    const id = uuidFrom(world.shape.seed, hashText(name), turn);
    if (!world.vms.has(id)) return id;
  }
}

function configOf(world: World, definition: VmDefinition, before?: VmConfig): VmConfig {
  const { name, description = '', tags = [], vcpus = 1, memoryMiB = 1024, role = 'dev' } = definition;
  const disks = (definition.disks ?? []).map((disk) => diskOf(world, name, disk));
  return {
    name,
    description,
    tags,
    vcpus: { current: vcpus, maximum: definition.maximumVcpus ?? vcpus },
    memoryBytes: { current: memoryMiB * MiB, maximum: (definition.maximumMemoryMiB ?? memoryMiB) * MiB },
    autostart: definition.autostart ?? false,
    template: definition.template ?? false,
    role: roles[isRoleName(role) ? role : 'dev'],
    hasAgent: definition.agent ?? true,
    disks: disks.map(({ disk }) => disk),
    volumes: disks.map(({ volume }) => volume),
    nics: (definition.nics ?? []).map((nic, index) => ({
      mac: nic.mac ?? before?.nics[index]?.mac ?? macFrom(hashText(name), index),
      network: nic.network ?? null,
      model: nic.model ?? 'virtio',
    })),
  };
}

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** A disk whose volume does not exist yet gets one. */
function diskOf(world: World, vmName: string, given: DiskDefinition): { disk: Disk; volume: SimulatedVolume | null } {
  const { target, device = 'disk', readOnly = device === 'cdrom', shareable = false, sizeGiB = 10 } = given;
  const [pool] = world.storagePools.values();
  const empty = given.source === null || (given.source === undefined && device !== 'disk');
  const source = given.source ?? (empty || !pool ? null : `/simulated/${pool.name}/${vmName}-${target}.qcow2`);
  const volume =
    source === null || !pool ? null : (world.volumes.get(source) ?? makeVolume(world, pool, source, sizeGiB));
  return { disk: { target, device, source, readOnly, shareable }, volume };
}

function makeVolume(world: World, pool: SimulatedStoragePool, source: string, sizeGiB: number): SimulatedVolume {
  const capacityBytes = Math.round(sizeGiB * GiB);
  const volume = { source, pool, capacityBytes, filledRatio: 0.02, filledPerDay: 0.001, madeAt: world.clock.now() };
  world.volumes.set(source, volume);
  pool.volumes.add(volume);
  world.changed(pool);
  return volume;
}

/** The definition that makes such a VM. */
export function definitionOf(vm: SimulatedVm): Required<VmDefinition> {
  const { disks, nics, volumes, vcpus, memoryBytes, role, hasAgent, ...plain } = vm.nextConfig ?? vm.config;
  return {
    id: vm.id,
    ...plain,
    tags: [...plain.tags],
    vcpus: vcpus.current,
    maximumVcpus: vcpus.maximum,
    memoryMiB: memoryBytes.current / MiB,
    maximumMemoryMiB: memoryBytes.maximum / MiB,
    role: roleNameOf(role.name),
    agent: hasAgent,
    disks: disks.map((disk, index) => ({ ...disk, ...sizeOf(volumes[index]) })),
    nics: nics.map(({ mac, network, model }) => ({ mac, ...(network && { network }), ...(model && { model }) })),
  };
}

function sizeOf(volume: SimulatedVolume | null | undefined): { sizeGiB?: number } {
  return volume ? { sizeGiB: volume.capacityBytes / GiB } : {};
}

function roleNameOf(name: string): RoleName {
  return isRoleName(name) ? name : 'dev';
}

/** Removes a VM with its saved memory; its volumes stay. @throws HYPERVISOR_FAILED */
export function undefine(world: World, vm: SimulatedVm): void {
  expectState(world, vm, 'halted', 'suspended', 'crashed');
  world.vms.delete(vm.id);
  world.removed(vm);
  world.happened('vm.undefined', vm, 'removed');
}

/** @throws OBJECT_UNKNOWN, DISK_IN_USE */
export function deleteVolume(world: World, source: string): void {
  const volume = world.volumes.get(source);
  const hint = 'the hypervisor has no such volume.';
  if (!volume) throw new VirtflowError('OBJECT_UNKNOWN', { kind: 'volume', target: source, hint });
  const users = [...world.vms.values()].filter((vm) => uses(vm, volume)).map((vm) => vm.config.name);
  if (users.length > 0) throw new VirtflowError('DISK_IN_USE', { disk: source, users });
  world.volumes.delete(source);
  volume.pool.volumes.delete(volume);
  world.changed(volume.pool);
  world.happened('storage-pool.refreshed', volume.pool, null);
}

function uses(vm: SimulatedVm, volume: SimulatedVolume): boolean {
  return vm.config.volumes.includes(volume) || vm.nextConfig?.volumes.includes(volume) === true;
}
