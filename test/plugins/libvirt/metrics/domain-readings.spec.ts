import assert from 'node:assert/strict';
import type { MetricTier } from '../../../../lib/drivers/driver.ts';
import { readDomain } from '../../../../plugins/libvirt/domain-xml/domain-definition.ts';
import type { DomainRecord } from '../../../../plugins/libvirt/inventory/domain-record.ts';
import { domainReadings, offReading } from '../../../../plugins/libvirt/metrics/domain-readings.ts';
import type { ParameterType } from '../../../../plugins/libvirt/rpc/layout.ts';
import { StatisticsLayout, StatisticsRecord } from '../../../../plugins/libvirt/rpc/statistics.ts';
import { realLifeDomains } from '../real-life-domains.ts';

const definition = readDomain(realLifeDomains['virt-manager, running'] ?? '');
const domain: DomainRecord = { definition, power: 'running', persistent: true, autostart: false };
const site = { object: { connection: 'lab', kind: 'vm', id: definition.uuid }, host: 'kvm1', at: 5 } as const;
const all: ReadonlySet<MetricTier> = new Set(['state', 'cpu', 'memory', 'disk', 'network']);

function readingsOf(values: Record<string, number | string>, tiers = all) {
  const [keys, texts] = [Object.keys(values), Object.values(values).filter((value) => typeof value === 'string')];
  const types = Object.values(values).map((value): ParameterType => (typeof value === 'string' ? 'str' : 'u64'));
  const numbers = Object.values(values).map((value) => (typeof value === 'string' ? texts.indexOf(value) : value));
  const handle = { uuid: definition.uuid, name: definition.name, id: 7 };
  const layout = new StatisticsLayout(keys, types);
  return domainReadings(new StatisticsRecord(handle, layout, Float64Array.from(numbers), texts), domain, site, tiers);
}

describe("readings of a domain's statistics", () => {
  it('are in base units', () => {
    const [reading] = readingsOf({
      'cpu.time': 2_500_000_000,
      'balloon.current': 1024,
      'balloon.available': 1000,
      'balloon.usable': 400,
      'balloon.unused': 300,
      'vcpu.current': 2,
      'vcpu.0.delay': 1_000_000_000,
      'vcpu.3.delay': 500_000_000,
      'vcpu.0.wait': 7,
    });
    assert.deepEqual(reading, {
      ...{ ...site, measurement: 'vm', name: 'debian12' },
      gauges: {
        state: 1,
        vcpus: 2,
        memory_bytes: 1024 * 1024,
        memory_used_bytes: 600 * 1024,
        memory_available_bytes: 400 * 1024,
      },
      counters: { cpu_seconds_total: 2.5, steal_seconds_total: 1.5 },
    });
  });

  it('leave out what the hypervisor does not tell', () => {
    const [reading] = readingsOf({ 'state.state': 1 }, new Set(['state']));
    assert.deepEqual([reading?.gauges, reading?.counters], [{ state: 1 }, {}]);
  });

  it('name disks by target', () => {
    const [, disk] = readingsOf({
      'block.count': 1,
      'block.0.name': 'vdb',
      'block.0.rd.bytes': 9,
      'block.0.rd.times': 1e9,
    });
    assert.equal(disk?.measurement, 'vm_disk');
    assert.equal(disk.part, 'vdb');
    assert.deepEqual(disk.counters, { read_bytes_total: 9, read_seconds_total: 1 });
  });

  it('name NICs by MAC, found through their device on the host', () => {
    const readings = readingsOf({
      ...{ 'net.0.name': 'vnet4', 'net.0.rx.bytes': 3, 'net.0.tx.drop': 1 },
      ...{ 'net.1.name': 'vnet99', 'net.1.rx.bytes': 4 },
    });
    const nics = readings.filter(({ measurement }) => measurement === 'vm_nic');
    assert.deepEqual(
      nics.map(({ part, counters }) => [part, counters]),
      [['52:54:00:6d:90:03', { receive_bytes_total: 3, transmit_drops_total: 1 }]],
    );
  });

  it('tell of a domain that is off that it is off', () => {
    assert.deepEqual(offReading({ ...domain, power: 'suspended' }, site).gauges, { state: 3 });
  });
});
