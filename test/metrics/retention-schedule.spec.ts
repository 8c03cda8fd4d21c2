import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { Platform } from '../../lib/platform.ts';
import { silent } from '../platform-on-simulator.ts';

describe('the schedule of retention', () => {
  it('has a name, and what fails of it is told in the log', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'virtflow-retention-'));
    const influxdb = { url: 'http://127.0.0.1:9/', database: 'virtflow' };
    const store = { engine: 'influxdb', influxdb };
    writeFileSync(join(directory, 'metrics.json'), JSON.stringify({ store }));
    const told = Promise.withResolvers<string>();
    const log = { ...silent, error: (text: string) => told.resolve(text) };
    const mqtt = { ...defaultMqttSettings, broker: 'off' } as const;
    const platform = new Platform({ dataDirectory: directory, drivers: new DriverRegistry(), log, mqtt });
    try {
      platform.start();
      platform.schedules.run('anna', 'Retention of metrics');
      assert.match(await told.promise, /^metrics: .*METRIC_STORE_/);
    } finally {
      await platform.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
