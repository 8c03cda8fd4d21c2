import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { requireLab } from '../lab/availability.ts';
import { until } from '../lab/condition.ts';
import { type EditorOptions, openBrowser } from './browser.ts';
import { Line } from './line.ts';
import { OperationsPage } from './operations-page.ts';
import { buildPackage } from './package.ts';
import { aHistory } from './seeded.ts';
import { NodeRedProcess } from './start.ts';
import { VirtflowWithEditor } from './virtflow.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tabs = [
  { id: 'tab', type: 'tab', label: 'Nightly' },
  { id: 'other', type: 'tab', label: 'Other' },
];
const lab = (query: string) => ({
  id: 'c-lab',
  type: 'virtflow-connection',
  name: 'lab',
  driver: 'simulator',
  uri: `simulator:///lab?hosts=3&vms=30&${query}`,
});
const flow = [
  { id: 'go', type: 'inject', z: 'other', name: 'go', props: [], x: 150, y: 150, wires: [['start']] },
  {
    id: 'start',
    type: 'virtflow-vm-start',
    z: 'other',
    name: 'wake it',
    target: { mode: 'list', names: ['dev-02'], selector: '', property: 'target' },
    x: 400,
    y: 150,
    wires: [[]],
  },
  { id: 'hush', type: 'inject', z: 'other', name: 'hush', props: [], x: 150, y: 250, wires: [['quiet']] },
  {
    id: 'quiet',
    type: 'virtflow-vm-start',
    z: 'other',
    name: 'quietly',
    quiet: true,
    target: { mode: 'list', names: ['dev-02'], selector: '', property: 'target' },
    x: 400,
    y: 250,
    wires: [[]],
  },
];

describe('the operations in the editor', function () {
  this.timeout(60_000);
  let built: ReturnType<typeof buildPackage>;
  let chromium: Awaited<ReturnType<typeof openBrowser>>;
  let virtflow: VirtflowWithEditor;
  let list: OperationsPage;
  let running: string[];
  let halted: string[];

  before(async function () {
    await requireLab(this, 'chromium');
    built = buildPackage();
    chromium = await openBrowser();
    virtflow = await VirtflowWithEditor.start({ packagePath: built.path, flows: [...tabs, lab('speed=2'), ...flow] });
    await virtflow.connected();
    const { items } = await virtflow.rest('GET', '/inventory/vms?limit=100');
    const named = (power: string) => items.filter((vm: { power: string }) => vm.power === power).map(nameOf);
    [running, halted] = [named('running'), named('halted')];
  });

  after(async () => {
    await virtflow?.stop();
    await chromium?.close();
    built?.remove();
  });

  const nameOf = ({ name }: { name: string }) => name;
  const next = (from: string[]) => from.shift() ?? assert.fail('no VM is left');

  async function open(options: EditorOptions = {}): Promise<void> {
    list = await OperationsPage.open(virtflow, chromium.browser, options);
  }

  /** One that has ended. */
  async function done(action: string, target: string, parameters = {}): Promise<string> {
    const id = await virtflow.ask(action, target, parameters);
    await virtflow.ended(id);
    return id;
  }

  async function group(action: string, targets: string[], title = 'all of them'): Promise<string> {
    const steps = targets.map((target) => ({ action, target, parameters: {} }));
    return (await virtflow.rest('POST', '/groups', { title, order: 'sequence', onError: 'continue', steps })).id;
  }

  afterEach(async function () {
    if (!list) return;
    const errors = list.editor.errors.filter((text) => !/503|ERR_|Failed to load/.test(text));
    await list.close();
    if (this.currentTest?.state === 'passed') assert.deepEqual(errors, []);
  });

  it('says that nothing has been done yet', async () => {
    await open();
    await list.says('.virtflow-note[role=row]', 'Nothing has been done yet');
  });

  it('shows what begins as it begins, follows its progress, and files it in the history', async () => {
    await open();
    const id = await virtflow.ask('vm.shutdown', next(running));
    await list.state(id, 'running');
    assert.match(await list.row(id, '\\d+ %'), /shut down vm · /);
    assert.match(String(await list.run("document.querySelector('.virtflow-heading').textContent")), /Under way \(1\)/);
    await list.state(id, 'succeeded');
    await list.says('.virtflow-heading', 'History');
    assert.match(await list.row(id), /lab · admin · REST/);
  });

  it('cancels what runs', async () => {
    await open();
    const id = await virtflow.ask('vm.shutdown', next(running));
    await list.state(id, 'running');
    await list.press(id, '.virtflow-cancel');
    await list.state(id, 'cancelled');
    assert.equal((await virtflow.rest('GET', `/operations/${id}`)).state, 'cancelled');
  });

  it('says why one waits', async () => {
    await open();
    const target = next(running);
    const first = await virtflow.ask('vm.shutdown', target);
    const second = await virtflow.ask('vm.shutdown', target);
    await list.row(second, 'waits for vm.shutdown');
    await list.press(second, '.virtflow-cancel');
    await list.press(first, '.virtflow-cancel');
    await list.state(first, 'cancelled');
  });

  it('shows a group as one, opens it to its members, and asks before it cancels them all', async () => {
    await open();
    const id = await group('vm.shutdown', [next(running), next(running), next(running)], 'good night');
    await list.row(id, 'good night.*3 members');
    assert.deepEqual((await list.keys()).slice(0, 1), [id]);
    await list.press(id, '.virtflow-toggle');
    await list.page.waitForSelector('.virtflow-operation[aria-level="2"].virtflow-is-running');
    await list.press(id, '.virtflow-cancel');
    await list.says('.virtflow-section-stage', 'Cancel “good night” with all of its 3 members');
    assert.equal(await list.focus(), 'yes');
    assert.equal((await virtflow.rest('GET', `/operations/${id}`)).state, 'running');
    await list.button('yes');
    await list.says('.virtflow-sentence', 'cancelled');
    await list.editor.press('.virtflow-close');
    await list.state(id, 'cancelled');
    assert.equal(await list.focus(), id);
  });

  it('tries again what of a group failed', async () => {
    await open();
    const id = await group('vm.resume', [next(halted), next(halted)], 'wake up');
    await list.state(id, 'failed');
    await list.details(id);
    await list.button('retry');
    await list.says('.virtflow-details-title', 'again: wake up');
    await list.says('.virtflow-section-relations', 'The group that it tries again');
  });

  it('tells all about one: why, what changed, calls, times, and from where', async () => {
    await open();
    const target = next(running);
    const id = await done('vm.pause', target);
    await list.details(id);
    await list.says('.virtflow-sentence', `“pause vm” of ${target} succeeded after .* m?s`);
    await list.says('.virtflow-section-changes', 'power running → paused');
    await list.says('.virtflow-section-why', 'admin has the role administrator');
    await list.says('.virtflow-section-calls tbody', 'vm.pause.*ms');
    await list.says('.virtflow-section-times', 'asked for.*ran for.*ended');
    await list.says('.virtflow-section-origin', 'admin · REST');
    await list.says('.virtflow-section-touches', `VM ${target}`);
  });

  it('plans an undo first, does it when that is confirmed, and says later that it was taken back', async () => {
    await open();
    const target = next(running);
    const id = await done('vm.pause', target);
    await list.details(id);
    await list.button('undo');
    await list.says('.virtflow-plan', 'power: paused → running');
    assert.equal(await list.focus(), 'yes');
    await list.button('yes');
    await list.says('.virtflow-details-title', `resume vm · ${target}`);
    await list.says('.virtflow-sentence', 'succeeded');
    const [undo] = (await virtflow.rest('GET', `/operations?undoes=${id}&mode=run`)).items;
    await list.button(`undoes ${id}`);
    await list.says('.virtflow-section-relations', `Taken back by: resume vm · ${target}`);
    await list.page.waitForSelector('[data-focus="undo"][aria-disabled]');
    assert.equal(undo.state, 'succeeded');
  });

  it('says why something cannot be taken back', async () => {
    await open();
    const id = await done('vm.reset', next(running));
    await list.details(id);
    const title = "document.querySelector('[data-focus=undo]').title";
    assert.match(String(await list.run(title)), /had not written to disk is gone/);
  });

  it('shows the node that asked, on whatever tab it stands, and says when it is gone', async () => {
    await open();
    await list.run('RED.workspaces.show("tab")');
    await list.run(`$.ajax({ method: 'POST', url: 'inject/go', contentType: 'application/json', data: '{}' })`);
    await list.page.waitForFunction(
      "[...document.querySelectorAll('.virtflow-title')].some((one) => /dev-02/.test(one.textContent))",
    );
    const { items } = await virtflow.rest('GET', '/operations?node=start');
    await list.details(items[0].id);
    await list.says('.virtflow-section-origin', 'wake it');
    await list.button('canvas');
    await list.page.waitForFunction("RED.workspaces.active() === 'other'");
    await list.page.waitForSelector('#start', { visible: true });
    await list.run("RED.nodes.remove('start')");
    await list.says('.virtflow-section-origin', 'not on the canvas any more');
    await list.page.waitForSelector('[data-focus="canvas"][aria-disabled]');
  });

  it('finds by words, by state, and by an object, and remembers it for this user', async () => {
    await open();
    const [one, other] = [next(running), next(running)];
    const [paused, reset] = [await done('vm.pause', one), await done('vm.reset', other)];
    await list.row(paused);
    await list.search(`pause ${one}`);
    await list.gone(reset);
    await list.row(paused);
    await list.search('');
    await list.row(reset);
    await list.editor.press('.virtflow-search .virtflow-button');
    await list.editor.press('.virtflow-state-chip.virtflow-is-failed');
    await list.gone(reset);
    assert.equal(await list.editor.text('.virtflow-badge'), '1');
    await list.editor.press('.virtflow-state-chip.virtflow-is-failed');
    await list.row(reset);
    await list.page.type('.virtflow-panel .virtflow-combobox input', other);
    await list.says('.virtflow-list', other);
    await list.page.keyboard.press('ArrowDown');
    await list.page.keyboard.press('Enter');
    await list.says('.virtflow-filters > .virtflow-chips', other);
    await list.gone(paused);
    await list.row(reset);
    await list.page.reload({ waitUntil: 'domcontentloaded' });
    await list.page.waitForSelector('.virtflow-filters');
    await list.run("RED.actions.invoke('virtflow:show-operations')");
    await list.says('.virtflow-filters > .virtflow-chips', other);
    await list.row(reset);
    await list.gone(paused);
    await list.editor.press('.virtflow-filters > .virtflow-chips button');
    await list.row(paused);
  });

  it('narrows to an object by a click in the details', async () => {
    await open();
    const [one, other] = [next(running), next(running)];
    const [first, second] = [await done('vm.pause', one), await done('vm.pause', other)];
    await list.details(first);
    await list.editor.press('.virtflow-section-touches button');
    await list.gone(second);
    await list.row(first);
  });

  it('shows quiet ones only to those who ask for them, and leaves plans out for those who do not want them', async () => {
    await open();
    const target = next(running);
    const { operations } = await virtflow.rest('POST', '/actions/vm.pause', { target, parameters: {}, plan: true });
    const plan = operations[0].id;
    await list.state(plan, 'planned');
    await list.run(`$.ajax({ method: 'POST', url: 'inject/hush', contentType: 'application/json', data: '{}' })`);
    const seen = await done('vm.pause', target);
    await list.row(seen);
    const [quiet] = (await virtflow.rest('GET', '/operations?node=quiet')).items;
    assert.ok(!(await list.keys()).includes(quiet.id));
    await list.editor.press('.virtflow-search .virtflow-button');
    await list.editor.press('.virtflow-switches label:nth-child(2) input');
    await list.gone(plan);
    await list.editor.press('.virtflow-switches label:nth-child(3) input');
    await list.row(quiet.id);
  });

  it('can be used by keyboard alone, and keeps the focus whatever happens', async () => {
    const target = next(running);
    const first = await done('vm.pause', target);
    await open();
    const { keyboard } = list.page;
    await list.row(first);
    assert.equal(await list.focus(), first);
    await keyboard.press('ArrowDown');
    const second = await list.focus();
    assert.notEqual(second, first);
    // Something new comes in above, and the row keeps the focus.
    const later = await done('vm.resume', target);
    await list.row(later);
    assert.equal(await list.focus(), second);
    await keyboard.press('Home');
    assert.equal(await list.focus(), later);
    await keyboard.press('Enter');
    await list.page.waitForSelector('.virtflow-section-copy button');
    assert.equal(await list.focus(), 'H3');
    await keyboard.press('Escape');
    assert.equal(await list.focus(), later);
    const running1 = await virtflow.ask('vm.shutdown', target);
    await list.state(running1, 'running');
    await keyboard.press('Home');
    assert.equal(await list.focus(), running1);
    await keyboard.press('Delete');
    await list.state(running1, 'cancelled');
    assert.equal(await list.focus(), running1);
    await list.page.keyboard.down('Control');
    await keyboard.press('g');
    await list.page.keyboard.up('Control');
    await keyboard.press('o');
    assert.equal(await list.focus(), running1);
  });

  it('tells a screen reader how what one asked for has ended', async () => {
    await open();
    const target = next(running);
    await list.page.waitForFunction("document.querySelector('.virtflow-window')");
    const id = await virtflow.ask('vm.shutdown', target);
    await list.state(id, 'running');
    await list.says('.virtflow-operations [aria-live="polite"].virtflow-sr', `“shut down vm” of ${target} succeeded`);
  });

  it('says that virtflow is away, tries again by itself, and misses nothing', async () => {
    const line = await Line.to(virtflow.url);
    list = await OperationsPage.open(virtflow, chromium.browser, {}, line.url);
    const before = await done('vm.pause', next(running));
    await list.row(before);
    line.cut();
    await list.says('.virtflow-banner', 'virtflow does not answer. It is tried again by itself');
    const missed = await done('vm.pause', next(running));
    line.mend();
    await list.row(missed);
    await list.page.waitForSelector('.virtflow-banner', { hidden: true });
    line.stop();
  });

  it('leaves its connection to other pages while nobody sees it, and misses nothing', async () => {
    await open();
    const isStream = (request: { url(): string }) => request.url().includes('/events?type=operation');
    const left = new Promise((resolve) => list.page.on('requestfailed', (one) => isStream(one) && resolve(one)));
    await list.editor.look('away');
    await left;
    const target = next(running);
    const missed = await done('vm.pause', target);
    assert.ok(!(await list.keys()).includes(missed));
    await list.editor.look('here');
    await list.row(missed);
    await list.row(await done('vm.resume', target));
    running.push(target);
  });

  for (const theme of ['light', 'dark'] as const) {
    it(`gives axe nothing to complain about, ${theme}`, async () => {
      await done('vm.pause', next(running));
      await open({ theme });
      await list.page.evaluate(axe);
      const ended = await virtflow.ask('vm.shutdown', next(running));
      await list.details(ended);
      await list.button('cancel');
      await list.says('.virtflow-sentence', 'cancelled');
      assert.deepEqual(await complaints(), []);
      const under = await virtflow.ask('vm.shutdown', next(running));
      await list.state(under, 'running');
      await list.details(under);
      assert.deepEqual(await complaints(), []);
      await list.editor.press('.virtflow-search .virtflow-button');
      assert.deepEqual(await complaints(), []);
    });
  }

  async function complaints(): Promise<unknown> {
    return list.run(
      `axe.run('#virtflow-operations').then(({ violations }) => violations
        .filter(({ impact }) => impact !== 'minor')
        .map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + ' ' + node.failureSummary)]))`,
    );
  }

  it('speaks German', async () => {
    const id = await done('vm.pause', next(running));
    await open({ language: 'de' });
    assert.match(await list.row(id), /VM pausieren|VM anhalten/);
    await list.says('.virtflow-heading', 'Verlauf');
    await list.details(id);
    await list.says('.virtflow-sentence', 'gelungen');
    const text = String(await list.run("document.querySelector('.virtflow-operations').textContent"));
    assert.doesNotMatch(text, /operations\.|editor:/);
  });
});

describe('ten thousand operations in the editor', function () {
  this.timeout(60_000);

  it('are scrolled with a few rows in the page, page after page, to the oldest', async function () {
    await requireLab(this, 'chromium');
    const built = buildPackage();
    const chromium = await openBrowser();
    const history = aHistory(10_000);
    const virtflow = await VirtflowWithEditor.start({ packagePath: built.path, flows: tabs, history });
    try {
      const list = await OperationsPage.open(virtflow, chromium.browser);
      const [oldest, newest] = [history[0]?.id ?? '', history.at(-1)?.id ?? ''];
      await list.row(newest);
      await list.run(`(async () => {
        const list = document.querySelector('.virtflow-window');
        window.most = 0;
        while (!document.querySelector('[data-key="${oldest}"]')) {
          list.scrollTop = list.scrollHeight;
          await new Promise((resolve) => requestAnimationFrame(resolve));
          window.most = Math.max(window.most, document.querySelectorAll('.virtflow-operation').length);
        }
      })()`);
      await list.row(oldest);
      assert.equal(await list.run("document.querySelector('.virtflow-window').getAttribute('aria-rowcount')"), '10001');
      assert.ok(Number(await list.run('window.most')) < 60);
      await list.page.focus('.virtflow-operation[tabindex="0"]');
      await list.page.keyboard.press('End');
      assert.equal(await list.focus(), oldest);
      await list.page.keyboard.press('Home');
      assert.equal(await list.focus(), newest);
    } finally {
      await virtflow.stop();
      await chromium.close();
      built.remove();
    }
  });
});

describe("the operations in the editor of somebody's own Node-RED", function () {
  this.timeout(60_000);

  it('are seen, cancelled and taken back without a token of virtflow, and by no page from elsewhere', async function () {
    await requireLab(this, 'chromium');
    const built = buildPackage();
    const chromium = await openBrowser();
    const flows = [...tabs, lab('speed=100'), ...flow];
    const nodeRed = await NodeRedProcess.start({ packagePath: built.path, flows, isTheirs: true });
    try {
      const list = await OperationsPage.at(`${nodeRed.url}/red/`, chromium.browser);
      const asEditor = { 'virtflow-editor': '1' };
      const vms = async () => Object(await nodeRed.get('red/virtflow/v1/inventory/vms?limit=1', asEditor)).items;
      await until('the inventory', async () => (await vms()).length > 0 || undefined);
      await list.run(`$.ajax({ method: 'POST', url: 'inject/go', contentType: 'application/json', data: '{}' })`);
      await list.page.waitForSelector('.virtflow-operation.virtflow-is-succeeded');
      const [id = ''] = await list.keys();
      await list.details(id);
      await list.button('undo');
      await list.says('.virtflow-plan', 'running → halted');
      await list.button('yes');
      await list.says('.virtflow-details-title', 'shut down vm');
      const withoutHeader = await fetch(`${nodeRed.url}/red/virtflow/v1/operations`);
      assert.equal(withoutHeader.status, 401);
      assert.equal(withoutHeader.headers.get('access-control-allow-origin'), null);
      const preflight = await fetch(`${nodeRed.url}/red/virtflow/v1/operations`, {
        method: 'OPTIONS',
        headers: { origin: 'http://elsewhere.example', 'access-control-request-headers': 'virtflow-editor' },
      });
      assert.equal(preflight.headers.get('access-control-allow-headers'), null);
      await list.close();
    } finally {
      await nodeRed.stop();
      await chromium.close();
      built.remove();
    }
  });
});
