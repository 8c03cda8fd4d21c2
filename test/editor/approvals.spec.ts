import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { requireLab } from '../lab/availability.ts';
import { newPlace, RunningVirtflow, runToEnd, VirtflowProcess } from '../server/virtflow-process.ts';
import { openBrowser } from './browser.ts';

const shots = process.env.VIRTFLOW_SCREENSHOTS;
const policies = [
  {
    name: 'power-offs',
    actions: ['vm.force-off'],
    text: 'Look at the console before you approve.',
    form: {
      type: 'object',
      properties: {
        reason: { type: 'string', title: 'Reason', description: 'It stands in the history.', minLength: 3 },
        when: { type: 'string', title: 'When', enum: ['now', 'tonight'] },
        sure: { type: 'boolean', title: 'I looked at the console', const: true },
      },
      required: ['reason'],
    },
  },
];

describe('approvals in the browser', function () {
  this.timeout(60_000);
  const place = newPlace();
  const data = join(place.directory, 'data');
  let virtflow: RunningVirtflow;
  let browser: Browser;
  let closeBrowser: () => Promise<void>;
  let admin = '';
  let password = '';

  before(async function () {
    await requireLab(this, 'chromium');
    virtflow = await RunningVirtflow.start(data);
    admin = (await virtflow.logIn(await virtflow.process.says(/password {2}(\S+)/))) ?? '';
    const { output } = await runToEnd('user', 'add', 'anna', '--role', 'operator', '--data-dir', data);
    password = /password {2}(\S+)/.exec(output)?.[1] ?? '';
    writeFileSync(join(data, 'approvals.json'), JSON.stringify({ policies }));
    ({ browser, close: closeBrowser } = await openBrowser());
  });

  after(async () => {
    await closeBrowser?.();
    await VirtflowProcess.endAll();
    place.remove();
  });

  async function rest(path: string, body?: object): Promise<Record<string, unknown>> {
    const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' };
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return (await fetch(`${virtflow.url}virtflow/v1${path}`, { headers, ...post })).json() as Promise<
      Record<string, unknown>
    >;
  }

  /** Asks for a power-off as the administrator, who may not approve it. */
  async function askFor(): Promise<string> {
    const vms = (await rest('/inventory/vms?limit=1000')) as { items?: { id: string; power: string }[] };
    const vm = vms.items?.find(({ power }) => power === 'running');
    const answer = await rest('/actions/vm.force-off', { target: vm?.id });
    const { operations } = answer as { operations?: { id: string }[] };
    assert.ok(operations?.[0], JSON.stringify(answer));
    return operations[0].id;
  }

  async function openEditor(language: string, isDark: boolean, width = 1400): Promise<Page> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width, height: 1000 });
    await page.evaluateOnNewDocument(`localStorage.setItem('editor-language', ${JSON.stringify(language)})`);
    await page.goto(virtflow.url, { waitUntil: 'domcontentloaded' });
    await page.waitForSelector('#node-dialog-login-username', { visible: true });
    await page.type('#node-dialog-login-username', 'anna');
    await page.type('#node-dialog-login-password', password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('button[data-tab-id="virtflow-approvals"]', { visible: true });
    await page.evaluate(`document.documentElement.classList.toggle('nr-theme-dark', ${isDark})`);
    return page;
  }

  /** The editor puts its sidebar up as it was left last; only then it stays as it is told. */
  async function showTab(page: Page): Promise<void> {
    await page.waitForFunction("RED.workspaces.active() && !$('#red-ui-loading-progress').is(':visible')");
    await page.waitForFunction(
      "document.querySelector('.virtflow-approvals')?.offsetParent || void RED.sidebar.show('virtflow-approvals')",
    );
  }

  async function click(page: Page, selector: string): Promise<void> {
    await page.waitForSelector(selector, { visible: true });
    await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  async function shoot(page: Page, name: string): Promise<void> {
    if (shots === undefined) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`) });
  }

  const state = async (id: string) => (await rest(`/approvals/${id}`)).state;

  it('tell who may answer, show what is needed to decide, and are answered by keyboard alone', async () => {
    const id = await askFor();
    const page = await openEditor('en-US', false);
    await page.waitForSelector('.virtflow-badge', { visible: true });
    assert.equal(await page.$eval('.virtflow-badge', (badge) => badge.textContent), '1');
    await page.waitForSelector('.red-ui-notification', { visible: true });
    await shoot(page, 'approvals-notice');
    await page.click('button[data-tab-id="virtflow-approvals"]');
    await page.waitForSelector('.virtflow-approval summary', { visible: true });
    await page.focus('.virtflow-approval summary');
    await page.keyboard.press('Enter');
    const text = await page.$eval('.virtflow-approval', (card) => card.textContent ?? '');
    for (const part of [
      'vm.force-off',
      'Look at the console',
      'would change power',
      'VMs on the connection',
      'Reason',
      'admin asks (rest)',
    ]) {
      assert.ok(text.includes(part), part);
    }
    await shoot(page, 'approvals-open');
    await page.keyboard.press('Tab');
    await page.keyboard.type('it hangs');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.type('go ahead');
    assert.equal(await state(id), 'pending');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForFunction("!document.querySelector('.virtflow-approval')");
    assert.equal(await state(id), 'granted');
    assert.equal(await page.$('.virtflow-badge'), null);
    const [answer] = (await rest(`/approvals/${id}`)).answers as {
      by: string;
      via: string;
      form: object;
      comment: string;
    }[];
    assert.deepEqual(
      [answer?.by, answer?.via, answer?.form, answer?.comment],
      ['anna', 'editor', { reason: 'it hangs', sure: true }, 'go ahead'],
    );
    await page.browserContext().close();
  });

  it('come by themselves while the editor is open, keep what is being typed, and are denied without a form', async () => {
    const page = await openEditor('de', true);
    await showTab(page);
    const first = await askFor();
    await page.waitForSelector(`.virtflow-approval[data-id="${first}"] summary`, { visible: true });
    await click(page, `.virtflow-approval[data-id="${first}"] summary`);
    await page.type(`.virtflow-approval[data-id="${first}"] input[type="text"]`, 'halb getippt');
    const second = await askFor();
    await page.waitForSelector(`.virtflow-approval[data-id="${second}"]`, { visible: true });
    const typed = await page.$eval(`.virtflow-approval[data-id="${first}"] input[type="text"]`, (input) => input.value);
    assert.equal(typed, 'halb getippt');
    await shoot(page, 'approvals-german-dark');
    await click(page, `.virtflow-approval[data-id="${first}"] .virtflow-approval-deny`);
    await page.waitForFunction(`!document.querySelector('.virtflow-approval[data-id="${first}"]')`);
    assert.equal(await state(first), 'denied');
    await rest(`/operations/${second}/cancel`, {});
    await page.waitForFunction("!document.querySelector('.virtflow-approval')");
    await page.select('.virtflow-approvals-bar select', '');
    await page.waitForFunction("document.querySelectorAll('.virtflow-approval').length >= 3");
    await shoot(page, 'approvals-german-all');
    await page.browserContext().close();
  });

  it('tell what is wrong with an answer where it was given', async () => {
    const id = await askFor();
    const page = await openEditor('en-US', false, 1000);
    await showTab(page);
    await page.waitForSelector(`.virtflow-approval[data-id="${id}"] summary`, { visible: true });
    await click(page, `.virtflow-approval[data-id="${id}"] summary`);
    await page.$eval(`.virtflow-approval[data-id="${id}"] form`, (form) => form.setAttribute('novalidate', ''));
    await click(page, `.virtflow-approval[data-id="${id}"] .virtflow-approval-grant`);
    await page.waitForFunction("document.querySelector('.virtflow-approval-problem')?.textContent !== ''");
    assert.match(
      await page.$eval('.virtflow-approval-problem', (one) => one.textContent ?? ''),
      /must be (ticked|filled in)/,
    );
    await shoot(page, 'approvals-problem');
    assert.equal(await state(id), 'pending');
    await rest(`/operations/${id}/cancel`, {});
    await page.browserContext().close();
  });
});
