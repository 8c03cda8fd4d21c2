import assert from 'node:assert/strict';
import { withDerived } from '../../lib/metrics/derived.ts';
import type { AnyObject, Host, PowerState } from '../../lib/model/objects.ts';
import type { Sample } from '../../lib/model/reading.ts';
import { aVm } from '../inventory/fixtures.ts';

const GiB = 2 ** 30;
const host = (id: string, cpus: number, memoryGiB: number): Host => ({
  ...{ connection: 'lab', kind: 'host', id, name: id, description: '', tags: [], pool: null },
  ...{ live: true, enabled: true, address: null },
  cpu: { count: cpus, sockets: 1, model: '', mhz: 2_000 },
  memoryBytes: memoryGiB * GiB,
  hypervisor: { name: 'QEMU', version: '7.2' },
});
const vm = (id: string, on: string, vcpus: number, memoryGiB: number, power: PowerState = 'running') =>
  aVm({
    ...{ id, name: id, host: on, power },
    vcpus: { current: vcpus, maximum: vcpus },
    memoryBytes: { current: memoryGiB * GiB, maximum: memoryGiB * GiB },
  });
const sample = (id: string, fields: Record<string, number>): Sample => ({
  measurement: 'host',
  tags: { connection: 'lab', host: id, id, name: id },
  at: 5,
  fields,
});
const objects: readonly AnyObject[] = [
  host('h1', 4, 8),
  host('h2', 12, 24),
  vm('a', 'h1', 4, 4),
  vm('b', 'h1', 4, 8),
  vm('off', 'h1', 8, 8, 'halted'),
  vm('c', 'h2', 6, 6),
];
const round = [
  sample('h1', { cpus: 4, cpu_ratio: 0.5, memory_bytes: 8 * GiB, memory_used_bytes: 6 * GiB }),
  sample('h2', { cpus: 12, cpu_ratio: 0.1, memory_bytes: 24 * GiB, memory_used_bytes: 2 * GiB }),
];
const of = (samples: readonly Sample[], measurement: string, id = 'lab') =>
  samples.find((one) => one.measurement === measurement && one.tags.id === id)?.fields ?? {};

describe('figures that follow from a round', () => {
  it('tell what hosts have given to the VMs that run, beside what they measured', () => {
    const all = withDerived('lab', round, objects);
    assert.deepEqual(of(all, 'host', 'h1'), {
      ...round[0]?.fields,
      vms_running: 2,
      vcpus_given: 8,
      memory_given_bytes: 12 * GiB,
      vcpu_overcommit_ratio: 2,
      memory_overcommit_ratio: 1.5,
    });
    assert.equal(all.filter(({ measurement }) => measurement === 'host').length, 2);
  });

  it('are summed up over the connection, with shares by the size of each host', () => {
    const pool = of(withDerived('lab', round, objects), 'pool');
    assert.deepEqual([pool.hosts, pool.cpus, pool.vms_running, pool.vcpus_given], [2, 16, 3, 14]);
    assert.ok(Math.abs((pool.cpu_ratio ?? 0) - (4 * 0.5 + 12 * 0.1) / 16) < 1e-9);
    assert.deepEqual([pool.memory_used_ratio, pool.vcpu_overcommit_ratio], [0.25, 14 / 16]);
  });

  it('have the CPU of those hosts that told it: a first round has no rate', () => {
    const first = [sample('h1', { cpus: 4, memory_bytes: 1, memory_used_bytes: 0 }), ...round.slice(1)];
    assert.ok(Math.abs((of(withDerived('lab', first, objects), 'pool').cpu_ratio ?? 0) - 0.1) < 1e-9);
    assert.equal(of(withDerived('lab', first.slice(0, 1), objects), 'pool').cpu_ratio, undefined);
  });

  it('follow a VM that moves to another host', () => {
    const moved = objects.map((one) => (one.id === 'b' && one.kind === 'vm' ? { ...one, host: 'h2' } : one));
    const all = withDerived('lab', round, moved);
    assert.deepEqual([of(all, 'host', 'h1').vcpus_given, of(all, 'host', 'h2').vcpus_given], [4, 10]);
    assert.equal(of(all, 'pool').vcpus_given, 14);
  });

  it('are none of a round without hosts, nor of a host that is not in the inventory', () => {
    const disks: Sample[] = [{ measurement: 'vm', tags: { id: 'a' }, at: 5, fields: { state: 1 } }];
    assert.deepEqual(withDerived('lab', disks, objects), disks);
    assert.deepEqual(withDerived('lab', round, []), round);
  });
});
