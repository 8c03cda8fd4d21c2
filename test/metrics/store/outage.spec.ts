import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BufferedStore } from '../../../lib/metrics/store/buffered-store.ts';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import type { MetricEngine } from '../../../lib/metrics/store/engine.ts';
import { InfluxEngine } from '../../../lib/metrics/store/influx/engine.ts';
import { DrivenClock } from '../../calendar/driven-clock.ts';
import { requireLab } from '../../lab/availability.ts';
import { startInfluxDb } from '../../lab/influxdb.ts';
import { fileHeld, throughOutage } from './outage.ts';

describe('a metric store that is away for ten minutes under load', function () {
  this.timeout(120_000);
  const vms = 200;
  const clock = new DrivenClock('2026-01-01T00:00:00Z');
  let directory = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'outage-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function storeOn(engine: MetricEngine): BufferedStore {
    const store = new BufferedStore('store', engine, { directory: join(directory, 'buffer'), clock });
    store.start();
    return store;
  }

  it('has every sample once: an InfluxDB that is killed and comes back', async function () {
    await requireLab(this, 'influxdb');
    const server = await startInfluxDb();
    const store = storeOn(new InfluxEngine({ name: 'store', url: server.url, database: 'virtflow' }));
    const outage = { vms, away: () => server.kill9(), back: () => server.restart() };
    const { written, waited, missing, doubled } = await throughOutage(store, clock, outage);
    await store.stop();
    await server.stop();
    assert.ok(waited >= vms * 60, `${waited} waited`);
    assert.deepEqual([written, missing, doubled, store.state.dropped], [vms * 120, 0, 0, 0]);
  });

  it('has every sample once: a DuckDB file that another process has open', async () => {
    const path = join(directory, 'metrics.duckdb');
    const store = storeOn(new DuckDbEngine({ path, memoryMiB: 128 }));
    const outage = { vms, ...fileHeld(store, path) };
    const { written, waited, missing, doubled } = await throughOutage(store, clock, outage);
    await store.stop();
    assert.ok(waited >= vms * 60, `${waited} waited`);
    assert.deepEqual([written, missing, doubled, store.state.dropped], [vms * 120, 0, 0, 0]);
  });
});
