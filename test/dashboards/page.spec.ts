import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { DashboardsPage } from '../../lib/api/dashboards/dashboards-page.ts';
import { RestApi } from '../../lib/api/rest/rest-api.ts';
import { panelsOf } from '../../lib/dashboards/model.ts';
import { RestHouse, roomsOf } from '../api/rest/house.ts';
import { openBrowser } from '../editor/browser.ts';
import { requireLab } from '../lab/availability.ts';
import { aHouseOfSeries, RecordedFigures } from './recorded.ts';

const shots = process.env.VIRTFLOW_SCREENSHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The page over a platform on the simulator, with figures that were recorded. */
describe('the page of dashboards', function () {
  this.timeout(120_000);
  let house: RestHouse;
  let rest: RestApi;
  let server: Server;
  let url: string;
  let browser: Browser;
  let close: () => Promise<void>;
  let said: string[];

  before(async function () {
    await requireLab(this, 'chromium');
    house = await RestHouse.open();
    const { dashboards } = house.platform;
    const figures = new RecordedFigures(aHouseOfSeries());
    rest = new RestApi({ ...roomsOf(house.platform), dashboards: { ...dashboards, figures } });
    rest.start();
    const pages = new DashboardsPage();
    server = createServer((request, response) => {
      if (pages.isFor(request)) pages.handle(request, response);
      else rest.handle(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    ({ browser, close } = await openBrowser());
  });
  after(async () => {
    await close?.();
    rest?.stop();
    server?.closeAllConnections();
    server?.close();
    await house?.close();
  });

  afterEach(async () => {
    // A stream that nobody reads any more would keep the next page waiting.
    for (const page of (await browser.pages()).slice(1)) await page.close();
  });

  async function open(path: string, about: { width?: number; theme?: string; height?: number } = {}): Promise<Page> {
    const { width = 1400, theme = 'light', height = 3_000 } = about;
    const page = await browser.newPage();
    said = [];
    page.on('pageerror', (error) => said.push(String(error)));
    page.on('console', (message) => said.push(message.text()));
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== 'data:' && origin !== url) said.push(`asked ${request.url()}`);
    });
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    const session = JSON.stringify({ access_token: house.platform.access.tokens.openSession('root') });
    await page.evaluateOnNewDocument(`localStorage.setItem('auth-tokens', ${JSON.stringify(session)})`);
    await page.goto(`${url}/dashboards${path}`);
    await page.waitForFunction("performance.getEntriesByName('virtflow-drawn').length > 0");
    return page;
  }

  const looks = [
    ['light', 1400, 'light'],
    ['dark', 1400, 'dark'],
    ['phone', 390, 'dark'],
  ] as const;
  for (const name of ['fleet', 'host', 'vm', 'storage', 'capacity']) {
    for (const [look, width, theme] of looks) {
      it(`draws every panel of ${name}.json, and everybody can read it: ${look}`, async () => {
        const uid = `virtflow-${name}`;
        const page = await open(`/d/${uid}`, { width, theme, height: look === 'phone' ? 9_000 : 2_200 });
        await page.waitForFunction(
          "[...document.querySelectorAll('.panel .body')].every((body) => body.childElementCount > 0)",
        );
        const drawn = await page.$$eval('.panel .body', (all) => all.length);
        assert.equal(drawn, panelsOf(house.platform.dashboards.files.get(uid).dashboard).length);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        assert.deepEqual(await page.$$eval('.note', (all) => all.length), 0);
        assert.deepEqual(await seriousIn(page), []);
        await shoot(page, `${name}-${look}`);
        assert.deepEqual(said, []);
      });
    }
  }

  it('zooms where somebody draws over a picture, back out by a key, and keeps the range in its address', async () => {
    const page = await open('/d/virtflow-fleet');
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
    assert.deepEqual(said, []);
  });

  it('is walked through by keyboard: dashboards, range, variables, menus', async () => {
    const page = await open('/d/virtflow-host');
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
    assert.deepEqual(said, []);
    await page.close();
  });

  async function seriousIn(page: Page): Promise<unknown> {
    await page.evaluate(axe);
    return page.evaluate(
      "axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200)]))",
    );
  }

  async function shoot(page: Page, name: string): Promise<void> {
    if (shots === undefined) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`) });
  }
});
