import type { Measurement, Sample } from '../../lib/model/reading.ts';

export const vms = 100;
export const stepMs = 30_000;
const hosts = 10;

/** The figures of a VM: twenty. */
const vmFields = [
  'cpu_ratio',
  'steal_ratio',
  'memory_used_ratio',
  'memory_used_bytes',
  'memory_bytes',
  'vcpus',
  'state',
  ...Array.from({ length: 13 }, (_, index) => `figure_${index}`),
];
const others: readonly (readonly [Measurement, number, readonly string[]])[] = [
  [
    'vm_disk',
    vms,
    [
      'read_bytes_per_second',
      'write_bytes_per_second',
      'read_requests_per_second',
      'write_requests_per_second',
      'write_latency_seconds',
    ],
  ],
  ['vm_nic', vms, ['receive_bytes_per_second', 'transmit_bytes_per_second']],
  [
    'host',
    hosts,
    ['cpu_ratio', 'memory_used_ratio', 'vms_running', 'vcpu_overcommit_ratio', 'memory_overcommit_ratio'],
  ],
  ['pool', 1, ['hosts', 'vms_running', 'cpu_ratio', 'memory_used_ratio', 'memory_used_bytes', 'vcpu_overcommit_ratio']],
];

/** What the VMs tell in so many rounds from `first` on. */
export function vmSamples(first: number, rounds: number, start: number): Sample[] {
  return samplesOf('vm', vms, vmFields, first, rounds, start);
}

/** What is told beside them of a fleet, every minute: disks, NICs, hosts, and sums. */
export function otherSamples(first: number, rounds: number, start: number): Sample[] {
  return others.flatMap(([measurement, count, fields]) =>
    samplesOf(measurement, count, fields, first, rounds, start, 2),
  );
}

function samplesOf(
  measurement: Measurement,
  count: number,
  fields: readonly string[],
  first: number,
  rounds: number,
  start: number,
  every = 1,
): Sample[] {
  const samples: Sample[] = [];
  for (let round = first; round < first + rounds; round += every) {
    for (let object = 0; object < count; object++) {
      samples.push({
        measurement,
        tags: tagsOf(measurement, object),
        at: start + round * stepMs,
        fields: figures(fields, object, round),
      });
    }
  }
  return samples;
}

function tagsOf(measurement: Measurement, object: number): Sample['tags'] {
  const host = `host-${object % hosts}`;
  if (measurement === 'pool') return { connection: 'bench', id: 'bench', name: 'bench' };
  if (measurement === 'host') return { connection: 'bench', host, id: host, name: host };
  const vm = { connection: 'bench', host, id: `u-${object}`, name: `vm-${object}` };
  if (measurement === 'vm_disk') return { ...vm, disk: 'vda' };
  return measurement === 'vm_nic' ? { ...vm, nic: 'eth0' } : vm;
}

/** A day's rise and fall with a scatter, rounded as hypervisors round; the same for the same round. */
function figures(fields: readonly string[], object: number, round: number): Record<string, number> {
  const told: Record<string, number> = {};
  for (let index = 0; index < fields.length; index++) {
    const day = Math.sin((round * stepMs * 2 * Math.PI) / 86_400_000 + object);
    const scatter = (Math.imul(round + 1, 2_654_435_761 + object * 40_503 + index * 97) >>> 8) / 2 ** 24;
    told[fields[index] ?? ''] = Math.round((1 + day + scatter) * 2_500) / 10_000;
  }
  return told;
}
