import { join } from 'node:path';
import { BufferedStore } from '../../../lib/metrics/store/buffered-store.ts';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import type { MetricEngine } from '../../../lib/metrics/store/engine.ts';
import { InfluxEngine } from '../../../lib/metrics/store/influx/engine.ts';
import { DrivenClock } from '../../calendar/driven-clock.ts';
import { startInfluxDb } from '../../lab/influxdb.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { type AfterOutage, fileHeld, throughOutage } from '../../metrics/store/outage.ts';
import { atMost, type Figure } from '../figures.ts';
import type { Row } from '../row.ts';

const vms = 1_000;

export const outage: Row = {
  id: 'outage',
  title: `A metric store that is away for ten minutes, under ${vms.toLocaleString('en')} VMs every 10 s`,
  needs: ['influxdb'],
  notes: [
    'The twenty minutes are a clock that goes as fast as the machine allows. InfluxDB is killed and started again; the DuckDB',
    'file is held by another process while virtflow starts anew. Afterwards each sample is looked for.',
  ],
  async measure({ log }) {
    log('InfluxDB');
    const influxdb = await throughInfluxOutage();
    log('DuckDB');
    const duckdb = await throughDuckDbOutage();
    return [...figuresOf('InfluxDB', influxdb), ...figuresOf('DuckDB', duckdb)];
  },
};

function figuresOf(name: string, { written, waited, missing, doubled, catchUpMs }: AfterOutage): Figure[] {
  return [
    { what: `${name}: written`, value: written, unit: 'samples' },
    { what: `${name}: on disk when it came back`, value: waited, unit: 'samples' },
    atMost(`${name}: missing`, missing, 'samples', 0),
    atMost(`${name}: doubled`, doubled, 'samples', 0),
    { what: `${name}: until all was there`, value: catchUpMs, unit: 'ms' },
  ];
}

async function throughInfluxOutage(): Promise<AfterOutage> {
  const server = await startInfluxDb();
  const engine = new InfluxEngine({ name: 'bench', url: server.url, database: 'bench' });
  const { store, clock } = await storeOn(engine, await ownDirectory('bench-outage-influxdb'));
  try {
    return await throughOutage(store, clock, { vms, away: () => server.kill9(), back: () => server.restart() });
  } finally {
    await store.stop();
    await server.stop();
  }
}

async function throughDuckDbOutage(): Promise<AfterOutage> {
  const directory = await ownDirectory('bench-outage-duckdb');
  const path = join(directory, 'metrics.duckdb');
  const { store, clock } = await storeOn(new DuckDbEngine({ path, memoryMiB: 256 }), directory);
  try {
    return await throughOutage(store, clock, { vms, ...fileHeld(store, path) });
  } finally {
    await store.stop();
  }
}

async function storeOn(engine: MetricEngine, directory: string) {
  const clock = new DrivenClock('2026-01-01T00:00:00Z');
  const store = new BufferedStore('bench', engine, { directory: join(directory, 'buffer'), clock });
  store.start();
  return { store, clock };
}
