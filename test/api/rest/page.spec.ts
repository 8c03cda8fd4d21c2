import assert from 'node:assert/strict';
import type { Browser, Page } from 'puppeteer-core';
import { openBrowser } from '../../editor/browser.ts';
import { requireLab } from '../../lab/availability.ts';
import { RestHouse } from './house.ts';

/** What runs in the page is given as text, for the test itself knows no document. */
const textOf = (place: string) => `(document.querySelector(${JSON.stringify(place)})?.textContent ?? '')`;

describe('the page of the API', function () {
  this.timeout(60_000);
  let house: RestHouse;
  let browser: Browser;
  let close: () => Promise<void>;
  let page: Page;
  let said: string[];

  before(async function () {
    await requireLab(this, 'chromium');
    house = await RestHouse.open();
    ({ browser, close } = await openBrowser());
  });
  after(async () => {
    await close?.();
    await house?.close();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    said = [];
    page.on('pageerror', (error) => said.push(String(error)));
    page.on('console', (message) => said.push(message.text()));
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== 'data:' && origin !== new URL(house.url).origin) said.push(`asked ${request.url()}`);
    });
  });
  afterEach(() => page.close());

  async function open(hash = ''): Promise<void> {
    await page.goto(`${house.url}/docs${hash}`);
    await page.waitForSelector('details.route');
  }

  async function logIn(): Promise<void> {
    await page.type('#token', house.admin);
    await page.click('#login button');
    await page.waitForFunction("document.getElementById('who').textContent === 'as root'");
  }

  const inRoute = (id: string, selector: string) => `[id="${id}"] ${selector}`;

  it('lists every route, finds by words, and asks nobody else for anything', async () => {
    await open();
    const shown = await page.$$eval('details.route', (all) => all.length);
    assert.equal(shown, house.rest.routes.filter(({ isHidden }) => !isHidden).length);
    await page.type('#search', 'start vm');
    const found = await page.$$eval('details.route:not([hidden]) .path', (all) => all.map((one) => one.textContent));
    assert.deepEqual(found, ['/actions/vm.start']);
    assert.deepEqual(said, []);
  });

  it('tries an action as a plan, shows the answer and the same as curl', async () => {
    const id = 'post/actions/vm.reset';
    await open(`#${id}`);
    await logIn();
    await page.waitForSelector(inRoute(id, 'textarea'));
    const vm = house.platform.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'running') ?? assert.fail();
    await page.type(inRoute(id, 'textarea'), vm.name);
    await page.click(inRoute(id, 'input[type=checkbox]'));
    await page.click(inRoute(id, 'button.send'));
    await page.waitForSelector(inRoute(id, 'pre'));
    await page.waitForFunction(`${textOf(inRoute(id, 'pre'))}.includes('"planned"')`);
    assert.equal(await page.$eval(inRoute(id, '.status'), (line) => line.textContent), '200 OK');
    const [, curl] = await page.$$(inRoute(id, 'button[type=button]'));
    await curl?.click();
    const text = await page.$eval(inRoute(id, 'pre'), (pre) => pre.textContent);
    assert.match(String(text), /curl -X POST/);
    assert.ok(!String(text).includes(house.admin), 'the token is not shown');
    assert.deepEqual(said, []);
  });

  it("uses the editor's session on the same address, and says so", async () => {
    const session = JSON.stringify({ access_token: house.platform.access.tokens.openSession('root') });
    await page.evaluateOnNewDocument(`localStorage.setItem('auth-tokens', ${JSON.stringify(session)})`);
    await open();
    await page.waitForFunction("document.getElementById('who').textContent === 'as root, by the editor'");
    await page.evaluate('localStorage.clear()');
  });

  it('shows events as they come', async () => {
    const id = 'get/events';
    await open(`#${id}`);
    await logIn();
    await page.click(inRoute(id, 'button.send'));
    await page.waitForFunction(`${textOf(inRoute(id, 'pre'))}.includes('retry:')`);
    const vm = house.platform.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'running') ?? assert.fail();
    await house.ask('/actions/vm.reset', { body: { target: vm.id } });
    await page.waitForFunction(`${textOf(inRoute(id, 'pre'))}.includes('event: operation')`);
    await page.click(inRoute(id, 'button[type=button]'));
    assert.deepEqual(said, []);
  });

  for (const [what, width, theme] of [
    ['light', 1300, 'light'],
    ['dark', 1300, 'dark'],
    ['on a telephone', 360, 'light'],
  ] as const) {
    it(`can be read: ${what}`, async () => {
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      await open('#post/actions/vm.start');
      await page.waitForSelector(inRoute('post/actions/vm.start', 'textarea'));
      const scroll = await page.evaluate('document.documentElement.scrollWidth');
      const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      assert.equal(scroll, width);
      assert.equal(ground, theme === 'dark' ? 'rgb(20, 23, 28)' : 'rgb(245, 246, 248)');
    });
  }
});
