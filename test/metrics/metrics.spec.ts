import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { keptFrom, parseMetricsSettings } from '../../lib/metrics/settings.ts';
import type { Feed } from '../../lib/model/feed.ts';
import type { Sample } from '../../lib/model/reading.ts';
import { Platform } from '../../lib/platform.ts';
import { forgetWorld, simulatorDriver } from '../../plugins/simulator/index.ts';
import { silent } from '../platform-on-simulator.ts';

const world = 'metrics-service';

describe('metrics of every connection', function () {
  this.timeout(30_000);
  let directory = '';
  let platform: Platform;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'metrics-'));
  });

  afterEach(async () => {
    await platform.stop();
    forgetWorld(world);
    rmSync(directory, { recursive: true });
  });

  async function start(settings: unknown = quick): Promise<void> {
    writeFileSync(join(directory, 'metrics.json'), JSON.stringify(settings));
    const drivers = new DriverRegistry();
    drivers.register(simulatorDriver);
    const mqtt = { ...defaultMqttSettings, broker: 'off' as const };
    platform = new Platform({ dataDirectory: directory, log: silent, drivers, mqtt });
    platform.start();
    await platform.connections
      .acquire({ name: 'lab', driver: 'simulator', uri: `simulator:///${world}?hosts=2&vms=6` }, 'test')
      .connected();
  }

  const last = (measurement: string, field: string, ...tags: string[]) => {
    const select = [[{ type: 'field', params: [field] }, { type: 'last' }]];
    const groupBy = tags.map((tag) => ({ type: 'tag', params: [tag] }));
    const now = Date.now();
    return platform.metrics.query(
      { measurement, select, groupBy },
      { from: now - 600_000, to: now, intervalMs: 10_000 },
    );
  };

  it('are stored without any flow, and are there after a restart', async () => {
    await start();
    await until(platform.metrics.samples, (samples) => samples.some(({ fields }) => fields.cpu_ratio !== undefined));
    await platform.metrics.store.settled();
    const { frames } = await last('vm', 'cpu_ratio', 'name');
    assert.ok(frames.length > 0 && frames.every(({ columns }) => (columns[0]?.values[0] ?? -1) >= 0));
    await platform.stop();
    await start();
    assert.deepEqual(
      (await last('vm', 'cpu_ratio', 'name')).frames.map(({ tags }) => tags),
      frames.map(({ tags }) => tags),
    );
  });

  it('tell of each connection how its collection goes on', async () => {
    await start();
    await until(platform.metrics.samples, (samples) => samples.some(({ measurement }) => measurement === 'vm'));
    const { rounds = 0, error, samples = 0 } = platform.metrics.collections().get('lab') ?? {};
    assert.ok(rounds > 0 && samples > 0);
    assert.equal(error, null);
  });

  it('have what hosts have given away, and sums over the connection', async () => {
    await start();
    await until(platform.metrics.samples, (samples) => samples.some(({ measurement }) => measurement === 'pool'));
    await platform.metrics.store.settled();
    const running = platform.inventory
      .list({ connection: 'lab', kind: 'vm' })
      .filter(({ power }) => power === 'running');
    const [hosts, [pool]] = [
      (await last('host', 'vms_running', 'name')).frames,
      (await last('pool', 'vms_running')).frames,
    ];
    const sum = hosts.reduce((total, { columns }) => total + (columns[0]?.values[0] ?? 0), 0);
    assert.deepEqual([hosts.length, sum, pool?.columns[0]?.values[0]], [2, running.length, running.length]);
    const [overcommit] = (await last('host', 'vcpu_overcommit_ratio')).frames;
    assert.ok((overcommit?.columns[0]?.values[0] ?? 0) > 0);
  });

  it('tell when storage pools are full, from what was stored before', async () => {
    await start({ collect: false });
    const pools = platform.inventory.list({ connection: 'lab', kind: 'storage-pool' });
    const { store } = platform.metrics;
    store.start();
    const hourMs = 3_600_000;
    store.write(
      Array.from({ length: 72 }, (_, hour) =>
        pools.map(({ connection, id, name }) => ({
          measurement: 'storage_pool' as const,
          tags: { connection, id, name },
          at: Date.now() - (73 - hour) * hourMs,
          fields: { used_bytes: hour, capacity_bytes: 1_000 },
        })),
      ).flat(),
    );
    await store.settled();
    await platform.stop();
    await start();
    const foretold = (samples: readonly Sample[]) => samples.filter(({ fields }) => 'full_in_seconds' in fields);
    const told = foretold(await until(platform.metrics.samples, (samples) => foretold(samples).length > 0));
    assert.deepEqual(told.map(({ tags }) => tags.id).sort(), pools.map(({ id }) => id).sort());
  });

  it('are collected no more when the settings say so, and go on when they do again', async () => {
    await start({ ...quick, collect: false });
    const told: number[] = [];
    platform.metrics.samples.subscribe((samples) => told.push(samples.length));
    assert.equal(platform.metrics.settings.current.collect, false);
    const first = next(platform.metrics.samples);
    writeFileSync(join(directory, 'metrics.json'), JSON.stringify({ ...quick, collect: true, x: undefined }));
    assert.equal(told.length, 0);
    assert.equal(platform.metrics.settings.current.collect, true);
    assert.ok((await first).length > 0);
  });
});

describe('the settings of metrics', () => {
  it('have a default for everything', () => {
    const { collect, intervals, store, retention } = parseMetricsSettings({ intervals: { cpu: 5 } });
    assert.deepEqual(
      [collect, intervals.cpu, intervals.storage, store.engine, retention.hour],
      [true, 5, 300, 'duckdb', 3],
    );
  });

  it('keep a roll-up at least as long as what it is made of', () => {
    const { retention } = parseMetricsSettings({ retention: { days: 100, rollUpDays: { '1h': 10 } } });
    const now = Date.parse('2026-11-25T10:20:00Z');
    const moment = Date.parse('2026-08-17T10:00:00Z');
    assert.deepEqual(keptFrom(retention, now), { raw: moment, '5m': moment, '1h': moment });
  });

  it('are refused when they cannot be meant', () => {
    for (const wrong of [
      { odd: 1 },
      { intervals: { cpu: -1 } },
      { retention: { days: 0 } },
      { retention: { hour: 24 } },
      { retention: { rollUpDays: { '2h': 5 } } },
      { store: { engine: 'influxdb' } },
      [],
    ]) {
      assert.throws(() => parseMetricsSettings(wrong), { code: 'METRICS_SETTINGS_INVALID' });
    }
  });
});

const quick = { intervals: { state: 1, cpu: 1, memory: 1, disk: 1, network: 1, host: 1, storage: 1 } };

function next(feed: Feed<readonly Sample[]>): Promise<readonly Sample[]> {
  return until(feed, () => true);
}

function until(
  feed: Feed<readonly Sample[]>,
  holds: (samples: readonly Sample[]) => boolean,
): Promise<readonly Sample[]> {
  return new Promise((resolve) => {
    const unsubscribe = feed.subscribe((samples) => {
      if (!holds(samples)) return;
      unsubscribe();
      resolve(samples);
    });
  });
}
