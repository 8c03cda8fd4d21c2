import type { MetricTier } from '../../lib/drivers/driver.ts';
import { powerNumbers } from '../../lib/model/objects.ts';
import type { Measurement, Reading } from '../../lib/model/reading.ts';
import { type Mix, mixed, type Parts } from './load.ts';
import { memoryUsedOn } from './placement.ts';
import { nameOf, refOfObject } from './projection.ts';
import { allocatedBytes, type SimulatedHost, type SimulatedObject, type SimulatedVm, usedBytes } from './simulated.ts';
import { cpuSeconds, memoryUsedBytes, sinceLastHold, trafficScale, usedParts } from './usage.ts';
import type { World } from './world.ts';

type Figures = Record<string, number>;

/** The moment of a round, and what all of its readings share. */
interface Round {
  readonly connection: string;
  readonly tiers: ReadonlySet<MetricTier>;
  /** Simulated time. */
  readonly now: number;
  readonly at: number;
  /**
   * Counters grow by the time of those who read them, so that a rate is the same however fast the world runs:
   * simulated seconds are divided by the speed.
   */
  readonly perSpeed: number;
  readonly readings: Reading[];
}

/** Figures of all that the tiers ask for. Guests that hang and hosts that do not answer are left out. */
export function sampleWorld(world: World, connection: string, tiers: ReadonlySet<MetricTier>): Reading[] {
  const { clock } = world;
  const round = { connection, tiers, now: clock.now(), at: clock.stamp(), perSpeed: 1 / clock.speed, readings: [] };
  for (const vm of world.vms.values()) if (!vm.config.template) readVm(round, vm);
  if (tiers.has('host')) for (const host of world.hosts.values()) if (host.live) readHost(round, host);
  if (tiers.has('storage')) {
    for (const pool of world.storagePools.values()) {
      const used_bytes = usedBytes(pool, round.now);
      const { capacityBytes: capacity_bytes } = pool;
      tell(
        round,
        'storage_pool',
        pool,
        { capacity_bytes, used_bytes, available_bytes: capacity_bytes - used_bytes },
        {},
      );
    }
  }
  return round.readings;
}

const none: Figures = {};

function tell(
  round: Round,
  measurement: Measurement,
  object: SimulatedObject,
  gauges: Figures,
  counters: Figures,
  part?: Pick<Reading, 'part' | 'disk'>,
) {
  round.readings.push({
    measurement,
    object: refOfObject(round.connection, object),
    name: nameOf(object),
    host: hostNameOf(object),
    ...part,
    at: round.at,
    gauges,
    counters,
  });
}

function hostNameOf(object: SimulatedObject): string | null {
  if (object.kind === 'host') return object.name;
  return object.kind === 'vm' ? (object.host?.name ?? null) : null;
}

const steal: Mix = { constant: 0.002, day: 0.004, noise: 0.001, spike: 0.02 };

function readVm(round: Round, vm: SimulatedVm): void {
  const { tiers, now, perSpeed } = round;
  const answers = (vm.power === 'running' || vm.power === 'paused') && !vm.hung;
  const gauges: Figures = {};
  let counters = none;
  if (tiers.has('state')) gauges.state = powerNumbers[vm.power];
  if (tiers.has('state') || (answers && (tiers.has('cpu') || tiers.has('memory')))) {
    gauges.vcpus = vm.config.vcpus.current;
    gauges.memory_bytes = vm.config.memoryBytes.current;
  }
  if (answers) {
    const parts = usedParts(vm, now);
    if (tiers.has('cpu')) {
      counters = {
        cpu_seconds_total: cpuSeconds(vm, parts) * perSpeed,
        steal_seconds_total: mixed(steal, parts) * vm.config.vcpus.current * perSpeed,
      };
    }
    if (tiers.has('memory') && vm.agent === 'connected') addMemory(gauges, vm, now);
    if (tiers.has('disk')) readDisks(round, vm, parts);
    if (tiers.has('network')) readNics(round, vm, parts);
    if (tiers.has('filesystem') && vm.agent === 'connected') readFileSystems(round, vm);
  }
  if ('vcpus' in gauges) tell(round, 'vm', vm, gauges, counters);
}

/** A guest without an agent does not tell. */
function addMemory(gauges: Figures, vm: SimulatedVm, now: number): void {
  const used = memoryUsedBytes(vm, now);
  gauges.memory_used_bytes = used;
  gauges.memory_available_bytes = vm.config.memoryBytes.current - used;
}

const readRequestBytes = 24 * 1024;
const writeRequestBytes = 16 * 1024;
const readSecondsPerRequest = 0.0009;
const writeSecondsPerRequest = 0.0014;
/** What a request takes longer when it is one of many. */
const spikeDelay = 4;

/** The first disk has most of the traffic. */
function readDisks(round: Round, vm: SimulatedVm, parts: Parts): void {
  const { role, disks, volumes } = vm.config;
  const slowed = { ...parts, spike: parts.spike * spikeDelay };
  let share = trafficScale(vm) * round.perSpeed;
  for (const [index, disk] of disks.entries()) {
    const volume = volumes[index];
    if (!volume) continue;
    const allocation_bytes = allocatedBytes(volume, round.now);
    const read = mixed(role.read, parts) * share;
    const written = mixed(role.write, parts) * share;
    const counters = {
      read_bytes_total: Math.floor(read),
      write_bytes_total: Math.floor(written),
      read_requests_total: Math.floor(read / readRequestBytes),
      write_requests_total: Math.floor(written / writeRequestBytes),
      read_seconds_total: (mixed(role.read, slowed) * share * readSecondsPerRequest) / readRequestBytes,
      write_seconds_total: (mixed(role.write, slowed) * share * writeSecondsPerRequest) / writeRequestBytes,
    };
    tell(round, 'vm_disk', vm, { capacity_bytes: volume.capacityBytes, allocation_bytes }, counters, {
      part: disk.target,
    });
    share /= 2;
  }
}

const packetBytes = 900;
const dropsPerPacket = 1e-7;

function readNics(round: Round, vm: SimulatedVm, parts: Parts): void {
  const { role, nics } = vm.config;
  const share = trafficScale(vm) * round.perSpeed;
  for (const nic of nics) {
    const received = mixed(role.receive, parts) * share;
    const sent = mixed(role.transmit, parts) * share;
    const counters = {
      receive_bytes_total: Math.floor(received),
      transmit_bytes_total: Math.floor(sent),
      receive_packets_total: Math.floor(received / packetBytes),
      transmit_packets_total: Math.floor(sent / packetBytes),
      receive_errors_total: 0,
      transmit_errors_total: 0,
      receive_drops_total: Math.floor((received / packetBytes) * dropsPerPacket),
      transmit_drops_total: 0,
    };
    tell(round, 'vm_nic', vm, none, counters, { part: nic.mac });
  }
}

/** What the file system takes of a disk for itself, and what of the rest was written and is free again. */
const overheadRatio = 0.03;
const freedRatio = 0.1;

/** The first disk is the system's, the others are the data's. */
function readFileSystems(round: Round, vm: SimulatedVm): void {
  const { disks, volumes } = vm.config;
  for (const [index, { target: disk }] of disks.entries()) {
    const volume = volumes[index];
    if (!volume) continue;
    const net = 1 - overheadRatio;
    const used_bytes = Math.round(allocatedBytes(volume, round.now) * net * (1 - freedRatio));
    const capacity_bytes = Math.round(volume.capacityBytes * net);
    const part = index === 0 ? '/' : `/data${index === 1 ? '' : index}`;
    tell(round, 'vm_filesystem', vm, { capacity_bytes, used_bytes }, none, { part, disk });
  }
}

/** What the hypervisor itself needs, and how long the CPUs wait for storage; shares of all CPUs. */
const ownRatio = 0.008;
const waitRatio = 0.004;
const systemShare = 0.28;

function readHost(round: Round, host: SimulatedHost): void {
  const { now, perSpeed } = round;
  const seconds = ((now - host.bootedAt) / 1000) * host.cpu.count;
  let running = 0;
  let used = seconds * ownRatio + host.retiredCpuSeconds;
  for (const vm of host.vms) {
    if (vm.power === 'running') running += 1;
    used += cpuSeconds(vm, sinceLastHold(vm, now));
  }
  const waited = seconds * waitRatio;
  host.idleSeconds = Math.max(host.idleSeconds, seconds - used - waited);
  const memory_used_bytes = memoryUsedOn(host);
  const gauges = {
    cpus: host.cpu.count,
    memory_bytes: host.memoryBytes,
    memory_used_bytes,
    memory_free_bytes: host.memoryBytes - memory_used_bytes,
    vms_running: running,
  };
  tell(round, 'host', host, gauges, {
    cpu_seconds_total: used * perSpeed,
    cpu_user_seconds_total: used * (1 - systemShare) * perSpeed,
    cpu_system_seconds_total: used * systemShare * perSpeed,
    cpu_iowait_seconds_total: waited * perSpeed,
    cpu_idle_seconds_total: host.idleSeconds * perSpeed,
  });
}
