import type { Sample } from '../../lib/model/reading.ts';

export interface SampledHouse {
  readonly hosts: number;
  readonly vms: number;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

/** What a house would have been sampled at, a moment at a time; figures follow from series, field and time alone. */
export function* houseSamples({ hosts, vms, from, to, stepMs }: SampledHouse): Generator<Sample[]> {
  for (let at = from; at <= to; at += stepMs) {
    const moment: Sample[] = [poolAt(hosts, vms, at)];
    for (let h = 0; h < hosts; h++) moment.push(hostAt(h, vms / hosts, at), storageAt(h, at));
    for (let v = 0; v < vms; v++) moment.push(...vmAt(v, hosts, at));
    yield moment;
  }
}

const hostName = (host: number) => `node-${String(host + 1).padStart(2, '0')}`;

function vmAt(vm: number, hosts: number, at: number): Sample[] {
  const name = `web-${String(vm + 1).padStart(3, '0')}`;
  const tags = { connection: 'lab', host: hostName(vm % hosts), id: `id-${name}`, name };
  const [busy, full] = [share(vm, 1, at), share(vm, 2, at)];
  const memory = 4 * gib;
  const disk = {
    read_bytes_per_second: 5e6 * share(vm, 3, at),
    write_bytes_per_second: 3e6 * share(vm, 4, at),
    read_requests_per_second: 200 * busy,
    write_requests_per_second: 90 * busy,
    read_latency_seconds: 0.004 * full,
    write_latency_seconds: 0.007 * full,
    capacity_bytes: 40 * gib,
    allocation_bytes: 40 * gib * full,
    allocation_ratio: full,
  };
  const nic = { receive_bytes_per_second: 8e6 * busy, transmit_bytes_per_second: 4e6 * full };
  const own = {
    state: 1,
    vcpus: 2,
    cpu_ratio: busy,
    steal_ratio: busy / 20,
    memory_bytes: memory,
    memory_used_bytes: memory * full,
    memory_used_ratio: full,
  };
  return [
    { measurement: 'vm', tags, at, fields: own },
    { measurement: 'vm_disk', tags: { ...tags, disk: 'vda' }, at, fields: disk },
    { measurement: 'vm_nic', tags: { ...tags, nic: macOf(vm) }, at, fields: nic },
  ];
}

function macOf(vm: number): string {
  return `52:54:00:00:${hex(vm >> 8)}:${hex(vm)}`;
}

function hex(byte: number): string {
  return (byte & 255).toString(16).padStart(2, '0');
}

function hostAt(host: number, vms: number, at: number): Sample {
  const [busy, full] = [share(host, 5, at), share(host, 6, at)];
  const tags = { connection: 'lab', host: hostName(host), id: `id-${hostName(host)}`, name: hostName(host) };
  return { measurement: 'host', tags, at, fields: { ...machine(1, vms, busy, full), ...cpuParts(busy) } };
}

function cpuParts(busy: number): Sample['fields'] {
  return { cpu_user_ratio: busy * 0.6, cpu_system_ratio: busy * 0.3, cpu_iowait_ratio: busy * 0.1 };
}

function poolAt(hosts: number, vms: number, at: number): Sample {
  const tags = { connection: 'lab', id: 'lab', name: 'lab' };
  return { measurement: 'pool', tags, at, fields: { hosts, ...machine(hosts, vms, share(0, 7, at), share(0, 8, at)) } };
}

function machine(hosts: number, vms: number, busy: number, full: number): Sample['fields'] {
  const [cpus, memory] = [32 * hosts, 256 * gib * hosts];
  return {
    cpus,
    cpu_ratio: busy,
    memory_bytes: memory,
    memory_used_bytes: memory * full,
    memory_used_ratio: full,
    vms_running: vms,
    vcpus_given: 2 * vms,
    memory_given_bytes: 4 * gib * vms,
    vcpu_overcommit_ratio: (2 * vms) / cpus,
    memory_overcommit_ratio: (4 * gib * vms) / memory,
  };
}

function storageAt(host: number, at: number): Sample {
  const [capacity, full] = [2e12, share(host, 9, at)];
  const name = `ssd-${host + 1}`;
  const tags = { connection: 'lab', host: hostName(host), id: `id-${name}`, name };
  const used = capacity * full;
  const fields = {
    capacity_bytes: capacity,
    used_bytes: used,
    available_bytes: capacity - used,
    used_ratio: full,
  };
  return { measurement: 'storage_pool', tags, at, fields };
}

const gib = 2 ** 30;

/** Between 0 and 1: a day's swing, a shorter one, and a little of everything. */
function share(series: number, field: number, at: number): number {
  const phase = ((series * 7_919 + field * 104_729) % 1_000) / 1_000;
  const day = Math.sin((at / 86_400_000 + phase) * 2 * Math.PI);
  const hour = Math.sin((at / 5_000_000 + phase * 3) * 2 * Math.PI);
  return 0.5 + 0.3 * day + 0.15 * hour + 0.05 * Math.sin(at / 90_000 + series);
}
