import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { panelsOf } from '../../lib/dashboards/model.ts';
import { requireLab } from '../lab/availability.ts';
import { LivingHouse } from './living-house.ts';
import { emptyPanels, PageHouse, seriousIn, shippedNames, shoot } from './page-house.ts';

/** The page over a platform that samples a simulated house into DuckDB. */
describe('the page of dashboards', function () {
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

  const looks = [
    ['light', 1400, 'light'],
    ['dark', 1400, 'dark'],
    ['phone', 390, 'dark'],
  ] as const;
  for (const name of shippedNames) {
    for (const [look, width, theme] of looks) {
      it(`draws every panel of ${name}.json, and everybody can read it: ${look}`, async () => {
        const uid = `virtflow-${name}`;
        const page = await house.page(`/d/${uid}`, { width, theme, height: look === 'phone' ? 9_000 : 2_200 });
        await page.waitForFunction(
          "[...document.querySelectorAll('.panel .body')].every((body) => body.childElementCount > 0)",
        );
        const drawn = await page.$$eval('.panel .body', (all) => all.length);
        assert.equal(drawn, panelsOf(living.platform.dashboards.files.get(uid).dashboard).length);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        assert.deepEqual(await emptyPanels(page), []);
        assert.deepEqual(await seriousIn(page), []);
        await shoot(page, `${name}-${look}`);
        assert.deepEqual(house.said, []);
      });
    }
  }

  for (const name of shippedNames) {
    it(`is German throughout for who reads German: ${name}.json`, async () => {
      const page = await house.page(`/d/virtflow-${name}?from=now-6h&to=now`, { language: 'de-AT', height: 2_200 });
      const texts = await page.$$eval('h2, th button, label, option, .row button, #links a, summary.pick', (all) =>
        all.map((one) => one.textContent?.replace(/[▾▸↓↑:].*$/, '').trim() ?? ''),
      );
      const german = await wordsOf(page);
      const english = Object.entries(german).flatMap(([from, to]) => (from === to ? [] : [from]));
      assert.deepEqual(
        texts.filter((text) => english.includes(text)),
        [],
      );
      assert.equal(await page.evaluate('document.documentElement.lang'), 'de-AT');
      assert.deepEqual(await seriousIn(page), []);
      await shoot(page, `${name}-de`);
      assert.deepEqual(house.said, []);
    });
  }

  it('has a German word for all that shipped files say', async () => {
    const german = await wordsOf(await house.page('/d/virtflow-fleet'));
    const missing = shippedNames.flatMap((name) => {
      const { dashboard } = living.platform.dashboards.files.get(`virtflow-${name}`);
      const labels = dashboard.templating?.list?.map(({ label }) => label) ?? [];
      const said = panelsOf(dashboard).flatMap(({ title, description, fieldConfig }) => {
        return [title, description, fieldConfig?.defaults.noValue];
      });
      return [dashboard.title, ...labels, ...said].filter((text) => text && !(text in german));
    });
    assert.deepEqual(
      missing.filter((text) => text !== '–'),
      [],
    );
  });

  async function wordsOf(page: Page): Promise<Record<string, string>> {
    const made = await page.evaluate("import('/dashboards/page/german.js').then(({ german }) => german)");
    return Object.fromEntries(Object.entries(made ?? {}).map(([from, to]) => [from, String(to)]));
  }

  it('zooms where somebody draws over a picture, back out by a key, and keeps the range in its address', async () => {
    const page = await house.page('/d/virtflow-fleet');
    const over = await (await page.waitForSelector('.u-over'))?.boundingBox();
    if (!over) assert.fail('there is no picture');
    await page.mouse.move(over.x + 100, over.y + 40);
    await page.mouse.down();
    await page.mouse.move(over.x + 200, over.y + 40, { steps: 5 });
    await page.mouse.up();
    await page.waitForFunction('/from=\\d{13}/.test(location.search)');
    await page.keyboard.down('Control');
    await page.keyboard.press('z');
    await page.keyboard.up('Control');
    await page.waitForFunction("location.search.includes('from=now-6h')");
    assert.deepEqual(house.said, []);
  });

  it('has figures at its axes that are round in their unit', async () => {
    const page = await house.page('/d/virtflow-fleet', { isCut: true });
    const said = await page.evaluate(`import('/dashboards/page/units.js').then(({ axisSteps, format }) =>
      ['bytes', 'binBps', 's', 'ms', 'percentunit'].map((unit) => axisSteps(unit)?.map((step) => format(step, unit))))`);
    const [bytes = [], rates = [], seconds = [], milliseconds = [], ratios] = said as (string[] | null)[];
    const isRound = (text: string) => /^\d{1,3} /.test(text);
    for (const steps of [bytes?.slice(10, 60), rates?.slice(10, 60), seconds?.filter((text) => !/year/.test(text))])
      assert.deepEqual(
        steps?.filter((text) => !isRound(text)),
        [],
      );
    assert.ok(bytes?.includes('256 GiB') && seconds?.includes('15 mins') && milliseconds?.includes('500 ms'));
    assert.equal(ratios, null);
  });

  it('is walked through by keyboard: dashboards, range, variables, menus', async () => {
    const page = await house.page('/d/virtflow-host');
    await page.waitForSelector('details.variable');
    const seen = new Set<string>();
    for (let step = 0; step < 40; step++) {
      await page.keyboard.press('Tab');
      seen.add(
        String(
          await page.evaluate(
            "document.activeElement.id || document.activeElement.tagName.toLowerCase() + '.' + document.activeElement.className",
          ),
        ),
      );
    }
    for (const stop of ['boards', 'range', 'refresh', 'again', 'theme', 'summary.pick'])
      assert.ok(seen.has(stop), stop);
    await page.focus('details.variable summary');
    await page.keyboard.press('Enter');
    await page.waitForSelector('details.variable[open] input');
    assert.deepEqual(house.said, []);
  });

  it('leaves its connection to others when it is left, so that none of many that were opened waits', async () => {
    const page = await house.page('/d/virtflow-fleet', { isCut: true });
    for (const name of [...shippedNames, ...shippedNames]) {
      await page.goto(`${house.url}/dashboards/d/virtflow-${name}`, { timeout: 20_000 });
      await page.waitForFunction("performance.getEntriesByName('virtflow-drawn').length > 0");
    }
    assert.deepEqual(house.said, []);
  });
});
