import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { ApprovePage } from '../../lib/api/approve/approve-page.ts';
import { type ApprovalHouse, aHouse, closeHouses } from '../approvals/house.ts';
import { openBrowser } from '../editor/browser.ts';
import { requireLab } from '../lab/availability.ts';
import { silent } from '../platform-on-simulator.ts';

const shots = process.env.VIRTFLOW_SCREENSHOTS;

describe('the page behind a link, in a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let closeBrowser: () => Promise<void>;
  let house: ApprovalHouse;
  let server: Server;
  let id: string;

  before(async function () {
    await requireLab(this, 'chromium');
    ({ browser, close: closeBrowser } = await openBrowser());
  });
  after(() => closeBrowser?.());

  beforeEach(async () => {
    house = aHouse({
      name: 'deletions',
      actions: ['vm.delete'],
      quorum: 2,
      text: 'Its owner must have agreed.',
      form: {
        type: 'object',
        properties: {
          reason: { type: 'string', title: 'Reason', description: 'It stands in the history.', minLength: 3 },
          when: { type: 'string', title: 'When', enum: ['now', 'tonight'] },
          backup: { type: 'boolean', title: 'There is a backup', const: true },
        },
        required: ['reason'],
      },
    });
    const disks = [{ target: 'vda', device: 'disk', source: '/a.qcow2', readOnly: false, shareable: true } as const];
    house.hypervisor.add({ id: 'db', name: 'db-replica', power: 'running', disks });
    const web = house.hypervisor.add({ id: 'web', name: 'web-frontend-production', disks });
    ({ id } = await house.ask('vm.delete', web));
    const page = new ApprovePage({ log: silent, access: house.access, approvals: house.room });
    server = createServer((request, response) => page.handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await closeHouses();
  });

  async function open(
    name: string,
    about: { width?: number; isDark?: boolean; language?: string } = {},
  ): Promise<Page> {
    const { width = 1000, isDark = false, language = 'en' } = about;
    const page = await browser.newPage();
    await page.setViewport({ width, height: 1000 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }]);
    await page.setExtraHTTPHeaders({ 'accept-language': language });
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}${await house.room.links.make(id, name)}`);
    return page;
  }

  async function shoot(page: Page, name: string): Promise<void> {
    if (shots === undefined) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  }

  it('is filled in and sent by keyboard alone, by two persons', async () => {
    const page = await open('anna');
    await shoot(page, 'link-light');
    await page.focus('input[type=text]');
    await page.keyboard.type('replaced by web-2');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    assert.match(await page.$eval('main', (main) => main.textContent ?? ''), /Somebody else has to as well/);
    const [answer] = house.room.approvals.get(id).answers;
    assert.deepEqual(answer?.form, { reason: 'replaced by web-2', when: 'now', backup: true });
    const other = await open('ben', { isDark: true, language: 'de', width: 390 });
    await shoot(other, 'link-german-dark-phone');
    assert.ok(await other.$eval('main', (main) => main.scrollWidth <= main.clientWidth), 'nothing sticks out');
    await other.type('input[type=text]', 'ersetzt');
    await other.click('input[type=checkbox]');
    await Promise.all([other.waitForNavigation(), other.click('.grant')]);
    await shoot(other, 'link-done');
    assert.equal(house.room.approvals.get(id).state, 'granted');
  });

  it('lets the browser itself ask for what is missing, and needs no form to deny', async () => {
    const page = await open('anna', { isDark: true });
    await shoot(page, 'link-dark');
    await page.click('.grant');
    assert.equal(await page.$eval('input[type=text]', (input) => input.matches(':invalid')), true);
    assert.equal(house.room.approvals.get(id).answers.length, 0);
    await Promise.all([page.waitForNavigation(), page.click('.deny')]);
    assert.equal(house.room.approvals.get(id).state, 'denied');
  });
});
