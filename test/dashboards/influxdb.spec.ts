import assert from 'node:assert/strict';
import { requireLab } from '../lab/availability.ts';
import { type InfluxDb, startInfluxDb } from '../lab/influxdb.ts';
import { LivingHouse } from './living-house.ts';
import { emptyPanels, PageHouse, shippedNames } from './page-house.ts';

describe('dashboards over a living store in InfluxDB', function () {
  this.timeout(120_000);
  let influx: InfluxDb;
  let living: LivingHouse;
  let house: PageHouse;

  before(async function () {
    await requireLab(this, 'chromium', 'influxdb');
    influx = await startInfluxDb();
    await influx.query('CREATE DATABASE "virtflow"');
    living = new LivingHouse({ engine: 'influxdb', influxdb: { url: influx.url, database: 'virtflow' } });
    await living.start();
    house = await PageHouse.open(living.platform);
  });
  after(async () => {
    await house?.close();
    await living?.stop();
    await influx?.stop();
  });
  afterEach(() => house.closePages());

  for (const name of shippedNames) {
    it(`draw every panel of ${name}.json with figures`, async () => {
      const page = await house.page(`/d/virtflow-${name}?from=now-6h&to=now`, { height: 1_600 });
      assert.deepEqual(await emptyPanels(page), []);
      assert.deepEqual(house.said, []);
    });
  }
});
