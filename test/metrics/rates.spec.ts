import assert from 'node:assert/strict';
import { Rates } from '../../lib/metrics/rates.ts';
import type { Measurement, Reading } from '../../lib/model/reading.ts';
import { seeded } from '../seeded.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

interface Given {
  readonly measurement?: Measurement;
  readonly seconds: number;
  readonly host?: string | null;
  readonly name?: string;
  readonly id?: string;
  readonly part?: string;
  readonly disk?: string;
  readonly gauges?: Record<string, number>;
  readonly counters?: Record<string, number>;
}

function reading(given: Given): Reading {
  const {
    measurement = 'vm',
    seconds,
    host = 'h1',
    name = 'web',
    id = 'u-1',
    part,
    disk,
    gauges = {},
    counters = {},
  } = given;
  const kind = measurement === 'host' ? 'host' : measurement === 'storage_pool' ? 'storage-pool' : 'vm';
  const object = { connection: 'lab', kind, id } as const;
  const at = start + seconds * 1000;
  const where = { ...(part !== undefined && { part }), ...(disk !== undefined && { disk }) };
  return { measurement, object, name, host, at, gauges, counters, ...where };
}

/** The field of every sample that the readings give, one reading a round. */
function fieldOf(field: string, readings: Given[]): (number | undefined)[] {
  const rates = new Rates();
  return readings.map((given) => rates.samples([reading(given)])[0]?.fields[field]);
}

const cpu = (seconds: number, used: number, more: Partial<Given> = {}): Given => ({
  seconds,
  gauges: { vcpus: 2 },
  counters: { cpu_seconds_total: used },
  ...more,
});

describe('rates', () => {
  it('of CPU time are a share of the vCPUs', () => {
    assert.deepEqual(fieldOf('cpu_ratio', [cpu(0, 100), cpu(10, 110), cpu(20, 130)]), [undefined, 0.5, 1]);
  });

  it('of CPU time know the vCPUs from another tier of the same VM', () => {
    const split: Given[] = [
      { seconds: 0, gauges: { vcpus: 4 } },
      { seconds: 1, counters: { cpu_seconds_total: 0 } },
      { seconds: 11, counters: { cpu_seconds_total: 10 } },
    ];
    assert.deepEqual(fieldOf('cpu_ratio', split), [undefined, undefined, 0.25]);
  });

  it('never exceed all there is, and are never negative', () => {
    assert.deepEqual(fieldOf('cpu_ratio', [cpu(0, 0), cpu(10, 20.4)]), [undefined, 1]);
  });

  it('leave out the interval in which a counter began anew', () => {
    const restarted = [cpu(0, 1_000), cpu(10, 1_010), cpu(20, 3), cpu(30, 8)];
    assert.deepEqual(fieldOf('cpu_ratio', restarted), [undefined, 0.5, undefined, 0.25]);
  });

  it('are the average over a missed reading', () => {
    assert.deepEqual(fieldOf('cpu_ratio', [cpu(0, 0), cpu(10, 10), cpu(30, 20)]), [undefined, 0.5, 0.25]);
  });

  it('leave out an outage or a clock that was set forward', () => {
    const gap = [cpu(0, 0), cpu(10, 10), cpu(3_610, 20), cpu(3_620, 30), cpu(3_630, 40)];
    assert.deepEqual(fieldOf('cpu_ratio', gap), [undefined, 0.5, undefined, 0.5, 0.5]);
  });

  it('leave out the interval in which the clock was set back', () => {
    const back = [cpu(0, 0), cpu(10, 10), cpu(-3_600, 20), cpu(-3_590, 30)];
    assert.deepEqual(fieldOf('cpu_ratio', back), [undefined, 0.5, undefined, 0.5]);
  });

  it('pass over a duplicate', () => {
    const doubled = [cpu(0, 0), cpu(10, 10), cpu(10, 10), cpu(10.1, 10.1), cpu(20, 20)];
    assert.deepEqual(fieldOf('cpu_ratio', doubled), [undefined, 0.5, 0.5, undefined, 0.5]);
  });

  it('begin anew on another host', () => {
    const moved = [cpu(0, 0), cpu(10, 10), cpu(20, 5_000, { host: 'h2' }), cpu(30, 5_010, { host: 'h2' })];
    assert.deepEqual(fieldOf('cpu_ratio', moved), [undefined, 0.5, undefined, 0.5]);
  });

  it('of bytes and requests are per second, and latency is the time of one request', () => {
    const rates = new Rates();
    const disk = (seconds: number, bytes: number, requests: number, busy: number) =>
      reading({
        measurement: 'vm_disk',
        part: 'vda',
        seconds,
        counters: { read_bytes_total: bytes, read_requests_total: requests, read_seconds_total: busy },
      });
    rates.samples([disk(0, 0, 0, 0)]);
    const [sample] = rates.samples([disk(10, 40_960, 100, 0.5)]);
    assert.deepEqual(sample?.fields, {
      read_bytes_per_second: 4096,
      read_requests_per_second: 10,
      read_latency_seconds: 0.005,
    });
    const [idle] = rates.samples([disk(20, 40_960, 100, 0.5)]);
    assert.deepEqual(idle?.fields, { read_bytes_per_second: 0, read_requests_per_second: 0 });
  });

  it('keep gauges as they are and add the shares that follow from them', () => {
    const gauges = { memory_bytes: 4_000, memory_used_bytes: 1_000, state: 1 };
    const [vm] = new Rates().samples([reading({ seconds: 0, gauges })]);
    assert.deepEqual(vm?.fields, { ...gauges, memory_used_ratio: 0.25 });
    const pool = { capacity_bytes: 100, used_bytes: 80, available_bytes: 20 };
    const [storage] = new Rates().samples([reading({ measurement: 'storage_pool', seconds: 0, gauges: pool })]);
    assert.equal(storage?.fields.used_ratio, 0.8);
  });

  it('carry connection, host, id, name and the part as tags', () => {
    const rates = new Rates();
    const tagsOf = (given: Given) => rates.samples([reading({ ...given, gauges: { x: 1 } })])[0]?.tags;
    const tags = { connection: 'lab', host: 'h1', id: 'u-1', name: 'web' };
    assert.deepEqual(tagsOf({ seconds: 0 }), tags);
    assert.deepEqual(tagsOf({ seconds: 0, measurement: 'vm_disk', part: 'vda' }), { ...tags, disk: 'vda' });
    assert.deepEqual(tagsOf({ seconds: 0, measurement: 'vm_nic', part: '52:54:00:1' }), { ...tags, nic: '52:54:00:1' });
    assert.deepEqual(tagsOf({ seconds: 0, measurement: 'vm_filesystem', part: '/var', disk: 'vdb' }), {
      ...tags,
      mountpoint: '/var',
      disk: 'vdb',
    });
    assert.deepEqual(tagsOf({ seconds: 0, host: null, name: 'new' }), { connection: 'lab', id: 'u-1', name: 'new' });
  });

  it('give no sample for a reading without figures, and none for figures that are no numbers', () => {
    assert.deepEqual(new Rates().samples([reading({ seconds: 0, gauges: { vcpus: Number.NaN } })]), []);
    assert.deepEqual(new Rates().samples([reading({ seconds: 0, counters: { cpu_seconds_total: 1 } })]), []);
  });

  it('of random counters are never negative, never not a number, and shares are at most one', () => {
    const random = seeded(7);
    const rates = new Rates();
    let at = 0;
    let total = 0;
    for (let round = 0; round < 20_000; round += 1) {
      at += random() < 0.02 ? -random() * 5_000 : random() * 60;
      total = random() < 0.05 ? random() * 10 : total + random() * 100;
      const counters = { cpu_seconds_total: total, other_bytes_total: total };
      for (const { fields } of rates.samples([reading({ seconds: at, gauges: { vcpus: 2 }, counters })])) {
        const { cpu_ratio = 0, other_bytes_per_second = 0 } = fields;
        assert.ok(
          cpu_ratio >= 0 && cpu_ratio <= 1 && other_bytes_per_second >= 0 && Number.isFinite(other_bytes_per_second),
        );
      }
    }
  });

  it('come of a tier that is read once an hour, beside one that is read each second', () => {
    const rates = new Rates();
    const bytes: (number | undefined)[] = [];
    for (let second = 0; second <= 7_200; second += 1) {
      rates.samples([reading({ seconds: second, gauges: { state: 1 } })]);
      if (second % 3_600 > 0) continue;
      const counters = { read_bytes_total: second * 10 };
      const [disk] = rates.samples([reading({ measurement: 'vm_disk', part: 'vda', seconds: second, counters })]);
      bytes.push(disk?.fields.read_bytes_per_second);
    }
    assert.deepEqual(bytes, [undefined, 10, 10]);
  });

  it('forget counters that nobody told of for ten of their intervals', () => {
    const rates = new Rates();
    for (const seconds of [0, 60]) rates.samples([cpu(seconds, seconds, { id: 'gone' })].map(reading));
    for (let second = 61; second <= 1_300; second += 1)
      rates.samples([reading({ seconds: second, gauges: { state: 1 } })]);
    assert.equal(rates.size, 1);
  });

  it('forget what has vanished', () => {
    const rates = new Rates();
    rates.samples([reading({ seconds: 0, id: 'gone', gauges: { x: 1 } })]);
    for (let round = 1; round <= 1_100; round += 1) rates.samples([reading({ seconds: round, gauges: { x: 1 } })]);
    assert.equal(rates.size, 1);
  });
});
