import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HTTPRequest, Page } from 'puppeteer-core';
import { requireLab } from '../lab/availability.ts';
import { everything } from './everything.ts';
import { LivingHouse } from './living-house.ts';
import { drawn, emptyPanels, PageHouse, seriousIn, shoot } from './page-house.ts';

describe('a dashboard of one’s own', function () {
  this.timeout(40_000);
  let living: LivingHouse;
  let house: PageHouse;
  let downloads = '';

  before(async function () {
    await requireLab(this, 'chromium');
    living = new LivingHouse({ engine: 'duckdb' });
    mkdirSync(join(living.directory, 'dashboards'), { recursive: true });
    writeFileSync(join(living.directory, 'dashboards', 'everything.json'), JSON.stringify(everything));
    await living.start();
    house = await PageHouse.open(living.platform);
    downloads = mkdtempSync(join(tmpdir(), 'downloads-'));
  });
  after(async () => {
    await house?.close();
    await living?.stop();
    if (downloads) rmSync(downloads, { recursive: true });
  });
  afterEach(() => house.closePages());

  const open = (query = '?from=now-6h&to=now', about = {}) =>
    house.page(`/d/everything${query}`, { height: 5_000, ...about });
  const titles = (page: Page) => page.$$eval('.panel h2', (all) => all.map((one) => one.textContent ?? ''));
  const rows = (page: Page) => page.$$eval('.row button', (all) => all.map((one) => one.textContent ?? ''));
  const byTitle = (page: Page, title: string) =>
    page.waitForSelector(`::-p-xpath(//section[h2="${title}" or .//h2="${title}"])`);

  async function choose(page: Page, variable: string, ...names: string[]): Promise<void> {
    await page.click(`[data-variable="${variable}"] summary`);
    for (const name of names)
      await page.click(`::-p-xpath(//*[@data-variable="${variable}"]//label[contains(., "${name}")])`);
    await redrawn(page, () => page.click('h1 .brand'));
  }

  async function redrawn(page: Page, act: () => Promise<unknown>): Promise<void> {
    const before = await page.evaluate("performance.getEntriesByName('virtflow-drawn').length");
    await act();
    await page.waitForFunction(`performance.getEntriesByName('virtflow-drawn').length > ${before}`);
    await drawn(page);
  }

  it('repeats panels and rows for each value, named by it, and for fewer when fewer are chosen', async () => {
    const page = await open();
    const vms = living.platform.inventory.list({ kind: 'vm' }).length;
    assert.ok(vms > 2);
    const made = await titles(page);
    const hosts = made.filter((title) => title.startsWith('CPU of '));
    assert.ok(hosts.length >= 2 && new Set(hosts).size === hosts.length, String(hosts));
    const named = (await rows(page)).filter((row) => row.includes('VM '));
    assert.ok(named.length > 2 && new Set(named).size === named.length, String(named));
    assert.equal(made.filter((title) => title === 'Disk').length, named.length);
    assert.deepEqual(await emptyPanels(page), ['A map: A panel of type geomap is drawn by Grafana alone.']);
    await shoot(page, 'everything');
    await choose(page, 'host', hosts[0]?.slice('CPU of '.length) ?? '');
    assert.deepEqual(
      (await titles(page)).filter((title) => title.startsWith('CPU of ')),
      [hosts[0]],
    );
    assert.ok((await rows(page)).length < named.length + 1);
    assert.deepEqual(await seriousIn(page), []);
    assert.deepEqual(house.said, []);
  });

  it('opens and closes rows, and asks nothing for those that are closed', async () => {
    const page = await open();
    const closed = await byTitle(page, 'Inside');
    assert.equal(await closed?.evaluate((one) => one.querySelector('.body')?.childElementCount), 0);
    await redrawn(page, () => page.click('::-p-xpath(//button[contains(., "Closed")])'));
    assert.equal(await closed?.evaluate((one) => one.querySelectorAll('canvas').length), 1);
    assert.equal(await page.$eval('::-p-xpath(//button[contains(., "Closed")])', (one) => one.ariaExpanded), 'true');
  });

  it('puts variables into titles, texts and links, and takes no script from a text', async () => {
    const page = await open();
    assert.ok((await titles(page)).includes('Top Few'));
    const text = await page.$eval('.panel.text .body', (body) => body.innerHTML);
    assert.match(text, /Said: <b>hello<\/b>/);
    assert.doesNotMatch(text, /script|img|onerror/);
    assert.equal(await page.$eval('#links a', (one) => one.getAttribute('href')), 'https://example.org/?word=hello');
    const link = await page.$eval('.panel.stat a', (one) => one.getAttribute('href'));
    assert.match(String(link), /^\/dashboards\/d\/virtflow-vm\?var-vm=[\w-]+$/);
    await redrawn(page, () => page.select('#variable-top', '9'));
    assert.ok((await titles(page)).includes('Top Many'));
    assert.match(page.url(), /var-top=9/);
    assert.deepEqual(house.said, []);
  });

  it('follows the links of a point by pointer and by keyboard', async () => {
    const page = await open();
    const panel = await page.waitForSelector('.panel.timeseries .plot');
    await panel?.focus();
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction("/%/.test(document.getElementById('reads').textContent)");
    await page.keyboard.press('Enter');
    await page.waitForSelector('.tip.pinned a:focus');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.plot:focus');
    await page.click('.panel.timeseries .u-over');
    await page.waitForSelector('.tip.pinned a');
    await page.keyboard.press('Enter');
    await page.waitForFunction("location.pathname.endsWith('/virtflow-vm')");
    assert.deepEqual(house.said, []);
  });

  it('shares the crosshair between pictures of all kinds', async () => {
    const page = await open();
    await page.hover('.panel.timeseries .u-over');
    await page.waitForSelector('.panel.state-timeline .hair:not([hidden])');
    await page.hover('.panel.state-timeline canvas');
    await page.waitForFunction(
      "[...document.querySelectorAll('.u-cursor-x')].some((line) => !line.classList.contains('u-off') && line.style.transform !== '')",
    );
    await page.hover('h1 .brand');
    await page.waitForSelector('.panel.state-timeline .hair[hidden]');
  });

  it('says which line is the nearest, where all stand on the right and on one another as well', async () => {
    const page = await open();
    const panel = await byTitle(page, 'On the right');
    const over = await (await panel?.$('.u-over'))?.boundingBox();
    if (!over) assert.fail('there is no picture');
    const nearest = async (y: number) => {
      await page.mouse.move(over.x + over.width / 2, over.y + y);
      const tip = await page.waitForSelector('.tip:not([hidden])', { timeout: 5_000 });
      return tip?.$eval('tr.near', ({ textContent }) => textContent);
    };
    const [highest, lowest] = [await nearest(1), await nearest(over.height - 1)];
    assert.ok(highest && lowest && highest !== lowest, `${highest} ${lowest}`);
    assert.deepEqual(house.said, []);
  });

  it('zooms by a drag over states, and goes earlier, later and to a free range', async () => {
    const page = await open();
    const box = await (await page.waitForSelector('.panel.state-timeline canvas'))?.boundingBox();
    if (!box) assert.fail('there is no picture');
    await page.mouse.move(box.x + box.width / 2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 20, box.y + 20, { steps: 4 });
    await redrawn(page, () => page.mouse.up());
    const zoomed = new URL(page.url()).searchParams;
    assert.match(String(zoomed.get('from')), /^\d{13}$/);
    await redrawn(page, () => page.click('#earlier'));
    assert.ok(Number(new URL(page.url()).searchParams.get('from')) < Number(zoomed.get('from')));
    await redrawn(page, () => page.click('#later'));
    await redrawn(page, () => page.select('#range', 'now-24h'));
    assert.match(page.url(), /from=now-24h/);
    await page.select('#range', 'free');
    await page.evaluate("document.getElementById('from').value = '2026-01-01T00:00:00'");
    await redrawn(page, () => page.click('#free button'));
    assert.equal(Number(new URL(page.url()).searchParams.get('from')), new Date('2026-01-01T00:00:00').getTime());
  });

  it('shows nothing of the range before, also where that was being asked for when another was chosen', async () => {
    const page = await open('?from=now-6h&to=now', { height: 600, isCut: true });
    await page.select('#refresh', 'off');
    await page.evaluate(`
      const real = fetch;
      const held = new Promise((resolve) => (window.release = resolve));
      window.fetch = async (url, about) => {
        if (String(url).endsWith('/figures')) await held;
        return real(url, about);
      };
    `);
    await page.click('#again');
    await page.evaluate(`new Promise((seen) => {
      const last = document.querySelector('main').lastElementChild;
      last.scrollIntoView();
      new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && seen()).observe(last);
    })`);
    await page.select('#range', 'now-24h');
    const asks = (request: HTTPRequest, what: string) =>
      request.url().endsWith('/figures') && request.postData()?.includes(what) === true;
    const answered = page.waitForResponse((response) => asks(response.request(), 'now-24h'));
    await page.evaluate('release()');
    await answered;
    const bars = page.waitForRequest((request) => asks(request, '"id":3,'), { timeout: 5_000 });
    await page.evaluate('scrollTo(0, 0)');
    assert.ok(asks(await bars, 'now-24h'));
    assert.deepEqual(house.said, []);
  });

  it('begins with the range and the refresh of its file', async () => {
    const page = await open('');
    assert.equal(new URL(page.url()).searchParams.get('from'), 'now/d');
    assert.equal(await page.evaluate("document.getElementById('refresh').value"), '10s');
  });

  it('puts annotations on and off, and says them in words', async () => {
    const page = await open();
    const marked = () =>
      page.$$eval('[data-variable="annotations"] .marks li', (all) => all.map((one) => one.textContent));
    const before = await marked();
    assert.ok(before.length > 0 && before.every((text) => text?.includes('Operations:')), String(before));
    await choose(page, 'annotations', 'Alerts');
    assert.ok((await marked()).some((text) => text?.includes('Alerts: Host down')));
  });

  it('leaves nothing behind of variables that are shown anew', async () => {
    const page = await open();
    const session = await page.createCDPSession();
    const listeners = async () => {
      const { result } = await session.send('Runtime.evaluate', { expression: 'document' });
      const told = await session.send('DOMDebugger.getEventListeners', { objectId: result.objectId ?? '' });
      return told.listeners.length;
    };
    const before = await listeners();
    await choose(page, 'annotations', 'Alerts');
    await choose(page, 'annotations', 'Alerts');
    assert.equal(await listeners(), before);
  });

  it('shows no figure for a calculation that is not known, and says so', async () => {
    const page = await open();
    const panel = await byTitle(page, 'Changes');
    assert.equal(await panel?.$eval('svg text', ({ textContent }) => textContent), '–');
    const notes = await page.$eval('section.list', ({ textContent }) => textContent);
    assert.match(String(notes), /panel "Changes": the calculation changeCount/);
  });

  it('draws anew when there are figures, told by the server', async () => {
    const page = await open();
    await redrawn(page, () => page.select('#refresh', 'live'));
  });

  it('saves figures as CSV, any panel as PNG, and shows figures as a table', async () => {
    const page = await open();
    const session = await house.browser.target().createCDPSession();
    const ended: string[] = [];
    session.on('Browser.downloadProgress', ({ state, guid }) => {
      if (state === 'completed') ended.push(guid);
    });
    await session.send('Browser.setDownloadBehavior', {
      behavior: 'allowAndName',
      downloadPath: downloads,
      eventsEnabled: true,
    });
    const save = async (kind: string, item: string) => {
      const count = ended.length;
      await page.click(`.panel.${kind} .menu summary`);
      await (await page.waitForSelector(`.panel.${kind} .menu[open]`))?.$$eval(
        'button',
        (all, text) => all.find((one) => one.textContent === text)?.click(),
        item,
      );
      while (ended.length === count) await new Promise((resolve) => session.once('Browser.downloadProgress', resolve));
      return readFileSync(join(downloads, ended.at(-1) ?? ''));
    };
    const csv = (await save('state-timeline', 'CSV')).toString();
    assert.match(csv, /^Time,[\w,-]+\r\n\d{4}-\d\d-\d\dT/);
    for (const kind of ['timeseries', 'stat', 'gauge', 'state-timeline']) {
      const png = await save(kind, 'PNG');
      assert.equal(png.subarray(1, 4).toString(), 'PNG');
      assert.ok(png.length > 1_500, `${kind}: ${png.length} bytes`);
      if (process.env.VIRTFLOW_SCREENSHOTS)
        writeFileSync(join(process.env.VIRTFLOW_SCREENSHOTS, `saved-${kind}.png`), png);
    }
    await page.click('.panel.timeseries .menu summary');
    await page.click('::-p-xpath(//section[contains(@class, "timeseries")][1]//button[text()="Figures as a table"])');
    assert.ok((await page.$$('.panel.timeseries table th')).length > 2);
    assert.deepEqual(house.said, []);
  });

  it('writes no formula into a CSV, and no name that breaks it', async () => {
    const page = await open();
    const names = ['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', '\n=1', 'a,"b"', "$&$'", 'web-01'];
    const written = ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", '"\'\r=1"', '"\'\n=1"', '"a,""b"""', "$&$'", 'web-01'];
    const config = { displayName: '${__field.name}' };
    const fields = [
      { name: 'Time', type: 'time', config: {}, values: [0] },
      ...names.map((name) => ({ name, type: 'number', config, values: [-1] })),
    ];
    const text = await page.evaluate(
      `import('/dashboards/page/series.js').then(({ csv }) => csv(${JSON.stringify([{ refId: 'A', fields }])}))`,
    );
    assert.equal(text, `Time,${written.join()}\r\n1970-01-01T00:00:00.000Z,${names.map(() => -1).join()}`);
  });

  it('saves no CSV where there are no figures, and says so', async () => {
    const page = await open('?from=1000&to=2000');
    await page.click('.panel.state-timeline .menu summary');
    await page.click('::-p-xpath(//section[contains(@class, "state-timeline")][1]//button[text()="CSV"])');
    await page.waitForFunction("document.getElementById('says').textContent === 'No data in this range'");
  });

  it('is in German for who reads German', async () => {
    const page = await open('?from=now-6h&to=now', { language: 'de-DE' });
    assert.equal(await page.evaluate('document.documentElement.lang'), 'de-DE');
    assert.equal(await page.evaluate("document.getElementById('range').selectedOptions[0].text"), 'Letzte 6 Stunden');
    const text = await page.$eval('body', (body) => body.innerText);
    assert.match(text, /Variablen|Zeitraum/);
    assert.match(text, /\d,\d+%/);
    assert.deepEqual(await emptyPanels(page), ['A map: Ein Feld vom Typ geomap zeichnet nur Grafana.']);
    assert.deepEqual(await seriousIn(page), []);
    await shoot(page, 'everything-de');
  });

  it('is printed light and whole, whatever the screen shows', async () => {
    const page = await open('?from=now-6h&to=now', { theme: 'dark' });
    const pdf = await page.pdf({ format: 'A4', printBackground: true });
    assert.ok(pdf.length > 10_000);
    if (process.env.VIRTFLOW_SCREENSHOTS) writeFileSync(join(process.env.VIRTFLOW_SCREENSHOTS, 'printed.pdf'), pdf);
  });
});
