import assert from 'node:assert/strict';
import type { Capability } from '../../lib/drivers/capability.ts';
import { type MetricTier, metricTiers } from '../../lib/drivers/driver.ts';
import type { Measurement, Reading } from '../../lib/model/reading.ts';
import type { ContractContext } from './contract.ts';
import { aJob, coded } from './subject.ts';

interface Figures {
  readonly gauges: readonly string[];
  readonly counters: readonly string[];
}

/** Every figure that there is; a driver gives those that its hypervisor knows. Units are base units and in the names. */
const figures: Readonly<Record<Measurement, Figures>> = {
  vm: {
    gauges: ['state', 'vcpus', 'memory_bytes', 'memory_used_bytes', 'memory_available_bytes'],
    counters: ['cpu_seconds_total', 'steal_seconds_total'],
  },
  vm_disk: {
    gauges: ['capacity_bytes', 'allocation_bytes'],
    counters: [
      'read_bytes_total',
      'write_bytes_total',
      'read_requests_total',
      'write_requests_total',
      'read_seconds_total',
      'write_seconds_total',
    ],
  },
  vm_filesystem: { gauges: ['capacity_bytes', 'used_bytes'], counters: [] },
  vm_nic: {
    gauges: [],
    counters: ['bytes', 'packets', 'errors', 'drops'].flatMap((what) => [
      `receive_${what}_total`,
      `transmit_${what}_total`,
    ]),
  },
  host: {
    gauges: ['cpus', 'memory_bytes', 'memory_used_bytes', 'memory_free_bytes', 'vms_running'],
    counters: ['', 'user_', 'system_', 'iowait_', 'idle_'].map((what) => `cpu_${what}seconds_total`),
  },
  /** Made of the hosts' figures, by no driver. */
  pool: { gauges: [], counters: [] },
  storage_pool: { gauges: ['capacity_bytes', 'used_bytes', 'available_bytes'], counters: [] },
};

/** What a tier brings at least, where its capability is there. */
const least: readonly { tier: MetricTier; needs: Capability; measurement: Measurement; gauges: readonly string[] }[] = [
  { tier: 'state', needs: 'metrics.vm', measurement: 'vm', gauges: ['state'] },
  { tier: 'host', needs: 'metrics.host', measurement: 'host', gauges: ['cpus', 'memory_bytes'] },
  { tier: 'storage', needs: 'metrics.storage-pool', measurement: 'storage_pool', gauges: ['capacity_bytes'] },
];

const measurementsOf: Readonly<Record<MetricTier, readonly Measurement[]>> = {
  state: ['vm'],
  cpu: ['vm'],
  memory: ['vm'],
  disk: ['vm_disk'],
  network: ['vm_nic'],
  filesystem: ['vm_filesystem'],
  host: ['host'],
  storage: ['storage_pool'],
};

export function samplingContract({ subject }: ContractContext): void {
  const sample = (...tiers: readonly MetricTier[]) =>
    subject().connection.sample(new Set(tiers), AbortSignal.timeout(subject().deadlineMs));
  const offered = (needs: Capability) => subject().connection.capabilities.has(needs);

  describe('a sample', () => {
    it('has figures under their names, in base units, of moments that have just been', async () => {
      await subject().runningVm();
      const readings = await sample(...metricTiers);
      for (const reading of readings) {
        const { gauges, counters } = figures[reading.measurement];
        assertKnown(reading, Object.keys(reading.gauges), gauges);
        assertKnown(reading, Object.keys(reading.counters), counters);
        for (const value of [...Object.values(reading.gauges), ...Object.values(reading.counters)]) {
          assert.ok(Number.isFinite(value) && value >= 0, JSON.stringify(reading));
        }
        assert.equal(reading.object.connection, subject().connection.name);
        assert.ok(reading.name !== '' && Math.abs(reading.at - Date.now()) < 3_600_000);
        assert.equal(reading.part !== undefined, ['vm_disk', 'vm_nic', 'vm_filesystem'].includes(reading.measurement));
      }
    });

    it('brings what the tiers ask for, and nothing else', async () => {
      await subject().runningVm();
      for (const tier of metricTiers) {
        const found = (await sample(tier)).map((reading) => reading.measurement);
        const others = found.filter((measurement) => !measurementsOf[tier].includes(measurement));
        assert.deepEqual(others, [], `the tier ${tier}`);
      }
      assert.deepEqual(await sample(), []);
    });

    for (const { tier, needs, measurement, gauges } of least) {
      it(`of ${tier} tells at least ${gauges.join(' and ')}`, async () => {
        await subject().runningVm();
        const readings = (await sample(tier)).filter((reading) => reading.measurement === measurement);
        if (!offered(needs)) return assert.deepEqual(readings, []);
        assert.ok(readings.length > 0);
        for (const gauge of gauges)
          assert.ok(
            readings.every((reading) => reading.gauges[gauge] !== undefined),
            gauge,
          );
      });
    }

    it('tells the state of VMs', async () => {
      if (!offered('metrics.vm')) return;
      const running = await subject().runningVm();
      const halted = await subject().freshVm();
      const readings = await sample('state');
      const state = (id: string) => readings.find((reading) => reading.object.id === id)?.gauges.state;
      assert.equal(state(running.id), 1);
      assert.equal(state(halted.id) ?? 0, 0);
    });

    it('has each disk and each NIC once', async () => {
      await subject().runningVm();
      const keys = (await sample(...metricTiers)).filter((reading) => reading.part !== undefined).map(keyOf);
      assert.equal(new Set(keys).size, keys.length);
    });

    it('has counters that only grow', async () => {
      await subject().runningVm();
      const first = new Map((await sample(...metricTiers)).map((reading) => [keyOf(reading), reading]));
      for (let round = 0; round < 3; round += 1) {
        for (const reading of await sample(...metricTiers)) {
          const before = first.get(keyOf(reading));
          assert.ok(reading.at >= (before?.at ?? 0));
          for (const [name, value] of Object.entries(reading.counters)) {
            assert.ok(value >= (before?.counters[name] ?? 0), `${name} of ${keyOf(reading)} went back`);
          }
          first.set(keyOf(reading), reading);
        }
      }
    });

    it('leaves out a VM that is gone', async () => {
      const ref = await subject().freshVm();
      if (!offered('vm.undefine')) return;
      await subject().vms.undefine(ref, aJob());
      const readings = await sample(...metricTiers);
      assert.ok(!readings.some((reading) => reading.object.id === ref.id));
    });

    it('is given up when told to', async () => {
      const reason = new Error('given up');
      const given = subject().connection.sample(new Set(metricTiers), AbortSignal.abort(reason));
      await assert.rejects(given, (error) => error === reason);
    });

    it('needs a connection', async () => {
      const { connection } = subject().another();
      await assert.rejects(
        connection.sample(new Set(metricTiers), AbortSignal.timeout(1000)),
        coded('CONNECTION_DOWN'),
      );
    });
  });
}

function assertKnown(reading: Reading, names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  assert.deepEqual(unknown, [], `${reading.measurement} has figures of other names`);
}

function keyOf({ measurement, object, part }: Reading): string {
  return `${measurement}/${object.id}/${part ?? ''}`;
}
