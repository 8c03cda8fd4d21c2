import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { hostFails } from '../../plugins/simulator/accidents.ts';
import { PageHouse, seriousIn, shoot } from '../dashboards/page-house.ts';
import { requireLab } from '../lab/availability.ts';
import { PlatformOnSimulator } from '../platform-on-simulator.ts';
import { told } from './told.ts';

/** A host that has failed with what was on it, and something warm, in the page of alerts. */
describe('the page of alerts', function () {
  this.timeout(60_000);
  let house: PageHouse;
  let simulated: PlatformOnSimulator;
  let host = '';

  before(async function () {
    await requireLab(this, 'chromium');
    simulated = await PlatformOnSimulator.start('hosts=2&vms=6');
    const { platform, world } = simulated;
    house = await PageHouse.open(platform);
    host = platform.inventory.list({ kind: 'host' })[0]?.name ?? '';
    const down = new Promise<void>((resolve) => {
      const unsubscribe = platform.alerts.changes.subscribe(({ alert }) => {
        if (alert.name !== host || alert.state !== 'firing') return;
        unsubscribe();
        resolve();
      });
    });
    hostFails(world, host, 'unknown');
    await platform.alerts.takeAll([told('firing', 'web')]);
    await down;
  });
  after(async () => {
    await house?.close();
    await simulated?.stop();
  });
  afterEach(() => house.closePages());

  const row = (name: string) => `.virtflow-alert[aria-label*="${name}."]`;
  const says = (page: Page, selector: string, pattern: string) =>
    page.waitForFunction(`/${pattern}/.test(document.querySelector('${selector}')?.textContent ?? '')`);
  const press = (page: Page, key: string) => page.click(`.virtflow-details [data-focus="${key}"]`);

  for (const [look, width, theme, language] of [
    ['light', 1400, 'light', 'en-US'],
    ['dark', 1400, 'dark', 'de'],
    ['phone', 390, 'dark', 'en-US'],
  ] as const) {
    it(`shows what goes on and why, and everybody can read it: ${look}, ${language}`, async () => {
      const page = await house.visit('/alerts', { width, theme, language, height: 900 });
      await page.waitForSelector(row(host));
      await shoot(page, `alerts-page-list-${look}`);
      assert.deepEqual(await seriousIn(page), []);
      await page.click(row(host));
      await page.waitForSelector('.virtflow-section-history li');
      await shoot(page, `alerts-page-details-${look}`);
      assert.deepEqual(await seriousIn(page), []);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
      const text = String(await page.evaluate('document.body.innerText'));
      assert.doesNotMatch(text, /\b(alerts|operations|page)\.\w+\b|__\w+__/);
      assert.deepEqual(house.said, []);
    });
  }

  it('is acted on: acknowledged, silenced with a reason, and both taken back', async () => {
    const page = await house.visit('/alerts', { height: 900 });
    await page.waitForSelector(row('web'));
    await page.click(row('web'));
    await page.waitForSelector('.virtflow-details [data-focus="take"]');
    await press(page, 'take');
    await says(page, '.virtflow-alerts .virtflow-rows', 'acknowledged by root');
    await says(page, '.virtflow-details [data-focus="take"]', 'Take the acknowledgement back');
    await press(page, 'take');
    await says(page, '.virtflow-details [data-focus="take"]', '^Acknowledge$');
    await press(page, 'silence');
    await page.type('.virtflow-silence input', 'being moved');
    await page.keyboard.press('Enter');
    await says(page, '.virtflow-details', 'End the silence');
    const [silence] = simulated.platform.alerts.silences.active(Date.now());
    assert.deepEqual([silence?.by, silence?.comment], ['root', 'being moved']);
    await press(page, 'silence');
    await says(page, '.virtflow-details', 'Silence …');
    assert.deepEqual(house.said, []);
  });

  it('shows a rule as it stands, and where it is changed', async () => {
    const levels = [{ severity: 'warning' as const, threshold: 90 }];
    const value = { field: 'cpu_ratio' };
    const about = { id: 'cpu', name: 'CPU', unit: 'percent', direction: 'above' } as const;
    simulated.platform.rules.add({ ...about, kind: 'threshold', value, levels });
    const page = await house.visit('/alerts', { height: 900 });
    await page.waitForSelector(row('web'));
    await page.click(row('web'));
    await page.waitForSelector('.virtflow-details [data-focus="rule"]');
    await press(page, 'rule');
    await says(page, '#dialog', 'that of a node, and is changed in its flow');
    assert.match(await page.$eval('#dialog textarea', (text) => text.value), /"threshold": 90/);
    await shoot(page, 'alerts-page-rule');
    assert.deepEqual(await seriousIn(page), []);
    await page.keyboard.press('Escape');
    await page.waitForSelector('#dialog', { hidden: true });
  });

  it('hears of what begins while it is open, and is sent around by its address', async () => {
    const page = await house.visit('/alerts', { height: 900 });
    await page.waitForSelector(row('web'));
    await simulated.platform.alerts.takeAll([told('firing', 'late')]);
    await page.waitForSelector(row('late'));
    await page.click(row('late'));
    await page.waitForFunction("location.pathname.length > '/alerts/'.length");
    const path = new URL(page.url()).pathname;
    const other = await house.visit(path, { height: 900 });
    await says(other, '.virtflow-details-title', 'late');
    await other.click('.virtflow-close');
    await other.waitForFunction("location.pathname === '/alerts'");
  });

  it('lets nobody in who is not logged in, until a token is typed, which it does not keep', async () => {
    const page = await house.visit('/alerts', { height: 900, session: '' });
    await page.waitForSelector('#login:not([hidden])');
    await shoot(page, 'alerts-page-login');
    assert.equal(await page.$('.virtflow-alert'), null);
    const wish = { owner: 'root', label: 'phone', permissions: ['*'], scope: {}, expiresAt: null };
    const token = simulated.platform.access.tokens.create('root', wish);
    await page.type('#token', token);
    await page.keyboard.press('Enter');
    await page.waitForSelector(row('web'));
    assert.equal(await page.$('#login:not([hidden])'), null);
    assert.equal(await page.evaluate(`JSON.stringify({ ...localStorage }).includes('${token}')`), false);
  });

  it('is nothing but its own files', async () => {
    for (const [path, status] of [
      ['/alerts', 200],
      ['/alerts/page/alerts/view.js', 200],
      ['/alerts/page/..%2fpage.html', 404],
      ['/alerts/page/form.js', 404],
      ['/alerts/page/constructor', 404],
      ['/alerts/a/b', 404],
    ] as const)
      assert.equal((await fetch(`${house.url}${path}`)).status, status, path);
    assert.equal((await fetch(`${house.url}/alerts`, { method: 'POST' })).status, 405);
  });
});
