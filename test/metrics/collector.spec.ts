import assert from 'node:assert/strict';
import type { MetricTier } from '../../lib/drivers/driver.ts';
import { Collector, type CollectorOptions, defaultIntervalsMs } from '../../lib/metrics/collector.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Reading, Sample } from '../../lib/model/reading.ts';
import { DrivenClock } from '../calendar/driven-clock.ts';

/** A hypervisor of one VM that uses half of its CPU and takes its time to answer. */
class Bench {
  readonly clock = new DrivenClock();
  readonly asked: { readonly at: number; readonly tiers: string }[] = [];
  readonly samples: Sample[] = [];
  readonly collector: Collector;
  latencyMs = 0;
  /** Of rounds that ask guests' agents. */
  agentsLatencyMs = 0;
  error: Error | undefined;
  underWay = 0;
  mostUnderWay = 0;

  constructor(options: CollectorOptions, name = 'lab') {
    const sample = (tiers: ReadonlySet<MetricTier>, signal: AbortSignal) => this.#sample(tiers, signal);
    this.collector = new Collector({ name, sample }, { clock: this.clock, ...options });
    this.collector.samples.subscribe((samples) => this.samples.push(...samples));
  }

  async #sample(tiers: ReadonlySet<MetricTier>, signal: AbortSignal): Promise<readonly Reading[]> {
    this.asked.push({ at: this.clock.monotonicMs(), tiers: [...tiers].sort().join() });
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      await this.#delay(tiers.has('filesystem') ? this.agentsLatencyMs : this.latencyMs, signal);
      if (this.error) throw this.error;
      return [this.#reading()];
    } finally {
      this.underWay -= 1;
    }
  }

  #delay(latencyMs: number, signal: AbortSignal): Promise<void> {
    if (latencyMs === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(latencyMs, resolve);
      signal.addEventListener('abort', () => {
        cancel();
        reject(signal.reason);
      });
    });
  }

  #reading(): Reading {
    const object = { connection: 'lab', kind: 'vm', id: 'u-1' } as const;
    const counters = { cpu_seconds_total: this.clock.monotonicMs() / 2000 };
    return { measurement: 'vm', object, name: 'web', host: null, at: this.clock.now(), gauges: { vcpus: 1 }, counters };
  }
}

const only = (intervalsMs: Partial<Record<MetricTier, number>>): CollectorOptions => ({
  intervalsMs: { ...none, ...intervalsMs },
});
const none: Record<MetricTier, number> = { ...defaultIntervalsMs };
for (const tier of Object.keys(none)) Object.assign(none, { [tier]: 0 });

describe('the collector', () => {
  it('asks at once and then each tier on its own interval, those of one interval together', async () => {
    const bench = new Bench(only({ state: 10_000, memory: 10_000, cpu: 30_000 }));
    bench.collector.start();
    await bench.clock.run(120_000);
    const fast = bench.asked.filter(({ tiers }) => tiers === 'memory,state').map(({ at }) => at);
    const slow = bench.asked.filter(({ tiers }) => tiers === 'cpu').map(({ at }) => at);
    assert.equal(fast[0], 0);
    assert.equal(slow[0], 0);
    assert.ok(fast.slice(2).every((at, index) => at - (fast[index + 1] ?? 0) === 10_000));
    assert.ok(slow.slice(2).every((at, index) => at - (slow[index + 1] ?? 0) === 30_000));
    assert.equal(bench.asked.length, fast.length + slow.length);
    await bench.collector.stop();
  });

  it('gives samples with rates', async () => {
    const bench = new Bench(only({ cpu: 10_000 }));
    bench.collector.start();
    await bench.clock.run(60_000);
    assert.equal(bench.samples.at(-1)?.fields.cpu_ratio, 0.5);
    await bench.collector.stop();
  });

  it('spreads connections over the interval', async () => {
    const second = async (name: string) => {
      const bench = new Bench(only({ cpu: 10_000 }), name);
      bench.collector.start();
      await bench.clock.run(25_000);
      await bench.collector.stop();
      return bench.asked[1]?.at;
    };
    const times = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(second));
    assert.equal(new Set(times).size, 5);
  });

  it('never asks twice at once, leaves late rounds out and counts them', async () => {
    const bench = new Bench(only({ cpu: 10_000, state: 5_000 }));
    bench.latencyMs = 12_000;
    bench.collector.start();
    await bench.clock.run(300_000);
    assert.equal(bench.mostUnderWay, 1);
    assert.ok(bench.collector.state.late > 10);
    assert.ok(bench.asked.length <= 26);
    await bench.collector.stop();
  });

  it('keeps no other figures waiting for agents in guests', async () => {
    const bench = new Bench(only({ cpu: 10_000, filesystem: 10_000 }));
    bench.agentsLatencyMs = 25_000;
    bench.collector.start();
    await bench.clock.run(100_000);
    const rounds = (tiers: string) => bench.asked.filter((one) => one.tiers === tiers).length;
    assert.ok(rounds('cpu') >= 10 && rounds('filesystem') <= 5);
    assert.equal(bench.mostUnderWay, 2);
    await bench.collector.stop();
    assert.equal(bench.clock.timers, 0);
  });

  it('tells an error, goes on, and tells when all is well again', async () => {
    const bench = new Bench(only({ cpu: 10_000 }));
    const errors: (string | undefined)[] = [];
    bench.collector.states.subscribe(({ error }) => errors.push(error?.code));
    bench.error = new VirtflowError('CONNECTION_DOWN', { connection: 'lab', reason: 'gone' });
    bench.collector.start();
    await bench.clock.run(1_000);
    bench.error = undefined;
    await bench.clock.run(40_000);
    assert.deepEqual(errors.slice(0, 2), ['CONNECTION_DOWN', undefined]);
    assert.equal(bench.collector.state.failed, 1);
    await bench.collector.stop();
  });

  it('does not wait a long interval for the first answer', async () => {
    const bench = new Bench(only({ storage: 300_000 }));
    bench.error = new VirtflowError('CONNECTION_DOWN', { connection: 'lab', reason: 'not yet' });
    bench.collector.start();
    await bench.clock.run(12_000);
    bench.error = undefined;
    await bench.clock.run(8_000);
    assert.equal(bench.collector.state.error, null);
    assert.equal(bench.asked.length, 4);
    await bench.clock.run(200_000);
    assert.equal(bench.asked.length, 4);
    await bench.collector.stop();
  });

  it('gives up a round that gets no answer', async () => {
    const bench = new Bench({ ...only({ cpu: 10_000 }), roundTimeoutMs: 8_000 });
    bench.latencyMs = 1_000_000;
    bench.collector.start();
    await bench.clock.run(8_000);
    assert.equal(bench.collector.state.error?.code, 'CONNECTION_DOWN');
    bench.latencyMs = 0;
    await bench.clock.run(20_000);
    assert.equal(bench.collector.state.error, null);
    await bench.collector.stop();
  });

  it('stops in the middle of a round, tells nothing after it, and leaves no timer', async () => {
    const bench = new Bench(only({ cpu: 10_000 }));
    bench.latencyMs = 5_000;
    bench.collector.start();
    await bench.clock.run(1_000);
    await bench.collector.stop();
    await bench.collector.stop();
    await bench.clock.run(100_000);
    assert.equal(bench.asked.length, 1);
    assert.equal(bench.collector.state.rounds, 0);
    assert.equal(bench.clock.timers, 0);
  });
});
