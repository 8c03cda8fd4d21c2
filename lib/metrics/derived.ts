import type { AnyObject, Host, Vm } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';

/**
 * A round of a connection with what follows from it and the inventory: for each host, what its running VMs were given
 * and how much of it is there, in the host's own sample; for a connection, the sums over its hosts.
 */
export function withDerived(connection: string, samples: readonly Sample[], objects: readonly AnyObject[]): Sample[] {
  const hostSamples = samples.filter(({ measurement }) => measurement === 'host');
  if (hostSamples.length === 0) return [...samples];
  const hosts = new Map(objects.filter((object) => object.kind === 'host').map((host) => [host.id, host]));
  const running = Map.groupBy(
    objects.filter((object): object is Vm => object.kind === 'vm' && object.power === 'running'),
    ({ host }) => host,
  );
  const all = samples.map((sample) => {
    const host = sample.measurement === 'host' ? hosts.get(sample.tags.id ?? '') : undefined;
    return host ? { ...sample, fields: { ...sample.fields, ...given(host, running.get(host.id) ?? []) } } : sample;
  });
  const known = all.filter(({ measurement, tags }) => measurement === 'host' && hosts.has(tags.id ?? ''));
  return known.length === 0 ? all : [...all, sumOf(connection, known)];
}

function given(host: Host, vms: readonly Vm[]): Record<string, number> {
  const vcpus = vms.reduce((sum, vm) => sum + vm.vcpus.current, 0);
  const memory = vms.reduce((sum, vm) => sum + vm.memoryBytes.current, 0);
  return {
    vms_running: vms.length,
    vcpus_given: vcpus,
    memory_given_bytes: memory,
    ...(host.cpu.count > 0 && { vcpu_overcommit_ratio: vcpus / host.cpu.count }),
    ...(host.memoryBytes > 0 && { memory_overcommit_ratio: memory / host.memoryBytes }),
  };
}

/** Sums of hosts that told theirs in this round; shares of the whole are by the size of each host. */
function sumOf(connection: string, samples: readonly Sample[]): Sample {
  const sum = (field: string) => samples.reduce((total, one) => total + (one.fields[field] ?? 0), 0);
  const [cpus, memory, used] = ['cpus', 'memory_bytes', 'memory_used_bytes'].map(sum);
  const busy = samples.filter(({ fields }) => fields.cpu_ratio !== undefined && fields.cpus !== undefined);
  const [vms, vcpus, givenBytes] = ['vms_running', 'vcpus_given', 'memory_given_bytes'].map(sum);
  const busyCpus = busy.reduce((total, { fields }) => total + (fields.cpus ?? 0), 0);
  const load = busy.reduce((total, { fields }) => total + (fields.cpus ?? 0) * (fields.cpu_ratio ?? 0), 0);
  const fields: Record<string, number | undefined> = {
    hosts: samples.length,
    cpus,
    memory_bytes: memory,
    memory_used_bytes: used,
    memory_used_ratio: ratio(used, memory),
    cpu_ratio: ratio(load, busyCpus),
    vms_running: vms,
    vcpus_given: vcpus,
    memory_given_bytes: givenBytes,
    vcpu_overcommit_ratio: ratio(vcpus, cpus),
    memory_overcommit_ratio: ratio(givenBytes, memory),
  };
  const known = Object.entries(fields).flatMap(([field, value]) =>
    value === undefined ? [] : [[field, value] as const],
  );
  const at = Math.max(...samples.map((sample) => sample.at));
  return {
    measurement: 'pool',
    tags: { connection, id: connection, name: connection },
    at,
    fields: Object.fromEntries(known),
  };
}

function ratio(part = 0, whole = 0): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
