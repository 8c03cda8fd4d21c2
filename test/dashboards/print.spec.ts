import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireLab } from '../lab/availability.ts';
import { LivingHouse } from './living-house.ts';
import { emptyPanels, PageHouse, shippedNames } from './page-house.ts';

const shots = process.env.VIRTFLOW_SCREENSHOTS;

describe('dashboards on paper', function () {
  this.timeout(120_000);
  let living: LivingHouse;
  let house: PageHouse;

  before(async function () {
    await requireLab(this, 'chromium');
    living = new LivingHouse({ engine: 'duckdb' });
    await living.start();
    house = await PageHouse.open(living.platform);
  });
  after(async () => {
    await house?.close();
    await living?.stop();
  });
  afterEach(() => house.closePages());

  for (const name of shippedNames) {
    it(`have every panel, also those that nobody has scrolled to, and say of which time: ${name}`, async () => {
      const page = await house.page(`/d/virtflow-${name}`, { theme: 'dark', height: 700, isCut: true });
      // Headless there is no dialog to print in.
      await page.evaluate("window.print = () => { document.body.dataset.whole = ''; }");
      await page.keyboard.down('Control');
      await page.keyboard.press('p');
      await page.keyboard.up('Control');
      await page.waitForSelector('body[data-whole]');
      const pdf = await page.pdf({ format: 'A4', margin: { top: '1cm', bottom: '1cm', left: '1cm', right: '1cm' } });
      if (shots !== undefined) {
        mkdirSync(shots, { recursive: true });
        writeFileSync(join(shots, `${name}.pdf`), pdf);
      }
      assert.deepEqual(await emptyPanels(page), []);
      assert.equal(await page.$$eval('.panel .body:empty', (all) => all.length), 0);
      assert.match(String(await page.$eval('#printed', (one) => one.textContent)), /\d.* – .*\d/);
      assert.deepEqual(house.said, []);
    });
  }
});
