import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Editor, EditorOptions } from './browser.ts';
import { inVirtflow } from './in-editor.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const many = 1_000;

const flow = (hook: string) => [
  { id: 'tab', type: 'tab', label: 'Rules' },
  { id: 'other', type: 'tab', label: 'Other' },
  {
    id: 'c-lab',
    type: 'virtflow-connection',
    name: 'lab',
    driver: 'simulator',
    uri: 'simulator:///lab?hosts=3&vms=6',
  },
  {
    id: 'heat',
    type: 'virtflow-threshold',
    z: 'other',
    name: 'Heat',
    source: 'property',
    unit: 'absolute',
    criticalThreshold: '90',
    warningThreshold: '70',
    forSeconds: '0',
    x: 400,
    y: 100,
    wires: [[]],
  },
  ...[
    ['few', "return [[{ topic: 'room', payload: 95 }, { topic: 'hall', payload: 75 }]]"],
    ['cool', "return { topic: 'room', payload: 20 }"],
    ['many', `return [Array.from({ length: ${many} }, (_, index) => ({ topic: 'part ' + index, payload: 80 }))]`],
  ].flatMap(([name = '', func = ''], index) => [
    { id: `go-${name}`, type: 'inject', z: 'other', name, props: [], x: 100, y: 100 + 60 * index, wires: [[name]] },
    { id: name, type: 'function', z: 'other', name, func, outputs: 1, x: 250, y: 100 + 60 * index, wires: [['heat']] },
  ]),
  { id: 'tell', type: 'virtflow-notify-webhook', z: 'other', name: 'hook', url: hook, x: 400, y: 300, wires: [[], []] },
];

const rowOf = (name: string) => `.virtflow-alert[aria-label*="Heat · ${name}."]`;

describe('the alerts in the editor', function () {
  this.timeout(60_000);
  let hook: Server;
  let editor: Editor;
  let sent = 0;

  before(async () => {
    hook = createServer((_, response) => {
      sent += 1;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
  });
  after(() => hook?.close());
  const house = inVirtflow(() => ({ flows: flow(`http://127.0.0.1:${(hook.address() as AddressInfo).port}/`) }));
  afterEach(() => assert.deepEqual(editor.errors.splice(0), []));

  async function show(opened: Editor): Promise<void> {
    editor = opened;
    editor.page.setDefaultTimeout(12_000);
    await editor.run("RED.sidebar.show('debug'); document.querySelector('button[data-tab-id=debug]').click()");
    await editor.run("RED.workspaces.show('tab'); RED.actions.invoke('virtflow:show-alerts')");
    await editor.page.waitForSelector('.virtflow-alerts .virtflow-window[aria-busy="false"]');
    const open = ['.virtflow-details:not([hidden]) .virtflow-close', '.virtflow-search [aria-expanded="true"]'];
    for (const close of open) await editor.run(`document.querySelector('.virtflow-alerts ${close}')?.click()`);
  }
  /** With the alerts of the room and the hall. */
  async function alarmed(opened: Promise<Editor>): Promise<void> {
    await show(await opened);
    await inject('few');
    await shown(rowOf('room'));
    await shown(rowOf('hall'));
  }
  const look = (options: EditorOptions = {}) => alarmed(house.look(options));
  const inject = async (name: string) => {
    const { url, token } = house.virtflow;
    await fetch(`${url}inject/go-${name}`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  };
  const shown = (selector: string) => editor.page.waitForSelector(selector);
  const gone = (selector: string) => editor.page.waitForFunction(`!document.querySelector('${selector}')`);
  const says = (selector: string, pattern: string) => editor.says(selector, pattern);
  const press = (selector: string) => editor.press(selector);
  const button = async (key: string) => {
    await shown(`.virtflow-alerts [data-focus="${key}"]`);
    await press(`.virtflow-alerts [data-focus="${key}"]`);
  };
  const picture = async (name: string) => {
    const directory = process.env.VIRTFLOW_SCREENSHOTS;
    if (directory) await editor.page.screenshot({ path: `${directory}/alerts-${name}.png` });
  };
  /** As if virtflow were away for one request. */
  const refuseNext = () =>
    editor.run(`(() => {
      const { fetch } = window;
      window.fetch = async () => {
        window.fetch = fetch;
        throw new Error('away');
      };
    })()`);
  const complaints = () =>
    editor.run(
      `axe.run('#virtflow-alerts').then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).slice(0, 3).join(' ')))`,
    );

  it('come and go as they happen, the most severe first', async () => {
    await show(await house.look());
    await says('.virtflow-alerts .virtflow-window', 'All is well');
    await inject('few');
    await shown(rowOf('room'));
    await shown(rowOf('hall'));
    const order = await editor.run(
      "[...document.querySelectorAll('.virtflow-alert')].map((row) => row.getAttribute('aria-label').split(',')[0]).join()",
    );
    assert.equal(order, 'critical,warning');
    await picture('list');
    await inject('cool');
    await gone(rowOf('room'));
  });

  it('say why, who was told, and lead to the rule', async () => {
    await look();
    await press(rowOf('room'));
    await says('.virtflow-alerts .virtflow-section-why', 'threshold');
    await says('.virtflow-alerts .virtflow-section-history', 'firing');
    await picture('details');
    await button('rule');
    await editor.page.waitForFunction("RED.workspaces.active() === 'other'");
  });

  it('show a rule of rules.json as it stands there, to be read', async () => {
    const { url, token } = house.virtflow;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const of = (method: string, body?: object) =>
      fetch(`${url}virtflow/v1/rules/up`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const levels = [{ severity: 'info', threshold: 1 }];
    const put = await of('PUT', { rule: { name: 'Up', kind: 'state', states: ['running'], levels } });
    assert.equal(put.status, 200, await put.text());
    try {
      await look();
      const row = '.virtflow-alert[aria-label*="Up · "]';
      await shown(row);
      await press(row);
      await says('.virtflow-alerts .virtflow-section-why', 'in this state since');
      const why = await editor.text('.virtflow-alerts .virtflow-section-why dl');
      assert.doesNotMatch(why, /\d{12}/, 'a moment is a time');
      await button('rule');
      await shown('.virtflow-rule-text');
      const text = await editor.run("document.querySelector('.virtflow-rule-text').value");
      assert.deepEqual(JSON.parse(String(text)).states, ['running']);
      await says('.red-ui-tray .virtflow-note', 'stands in rules.json');
      await picture('rule');
      await editor.page.evaluate(axe);
      const found = await editor.run(
        "axe.run('.red-ui-tray').then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id))",
      );
      assert.deepEqual(found, []);
      await press('#virtflow-rule-close');
      await gone('.virtflow-rule-text');
    } finally {
      await of('DELETE');
    }
    await gone('.virtflow-alert[aria-label*="Up · "]');
  });

  it('are acknowledged and silenced, with a reason, and that is taken back', async () => {
    await look();
    await press(rowOf('room'));
    await button('take');
    await says('.virtflow-alerts .virtflow-section-sentence', 'acknowledged by admin');
    await says(rowOf('room'), 'acknowledged by admin');
    await button('silence');
    await shown('.virtflow-silence input');
    await editor.page.type('.virtflow-silence input', 'the door is open');
    await picture('silence');
    await button('go');
    await says('.virtflow-alerts .virtflow-section-sentence', 'the door is open');
    await button('silence');
    await editor.page.waitForFunction(
      "!document.querySelector('.virtflow-alerts .virtflow-section-sentence').textContent.includes('the door')",
    );
    await button('take');
    await shown('.virtflow-alerts [data-focus="take"].virtflow-primary');
  });

  it('say that they cannot be read, and no more once they can', async () => {
    await look();
    await refuseNext();
    await press(rowOf('room'));
    await says('.virtflow-alerts .virtflow-section-problem', 'virtflow does not answer');
    await inject('cool');
    await says('.virtflow-alerts .virtflow-section-sentence', 'resolved');
    await editor.page.waitForSelector('.virtflow-alerts .virtflow-section-problem', { hidden: true });
  });

  it('say that a silence could not be ended', async () => {
    await look();
    const silence = await house.virtflow.rest('POST', '/silences', { matcher: { rule: 'none' }, duration: '1h' });
    await press('.virtflow-alerts .virtflow-search .virtflow-button');
    await shown(`.virtflow-person [data-focus="end ${silence.id}"]`);
    await refuseNext();
    await button(`end ${silence.id}`);
    await says('.virtflow-people [role="alert"]', 'virtflow does not answer');
    await button(`end ${silence.id}`);
    await gone(`.virtflow-person [data-focus="end ${silence.id}"]`);
    await gone('.virtflow-people [role="alert"]');
  });

  it('are reached by the keyboard alone', async () => {
    await alarmed(house.open());
    const { keyboard } = editor.page;
    await editor.run("RED.actions.invoke('virtflow:show-alerts')");
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await says('.virtflow-alerts .virtflow-details-title', 'Heat · hall');
    await keyboard.press('Escape');
    await editor.page.waitForFunction("document.activeElement?.getAttribute('aria-label')?.includes('Heat · hall')");
  });

  it('have contacts, of which a test really sends', async () => {
    await look();
    await press('.virtflow-alerts .virtflow-search .virtflow-button');
    const before = sent;
    await button('test webhook: hook (tell)');
    await says('.virtflow-person', 'Sent: accepted');
    assert.equal(sent, before + 1);
    await picture('contacts');
  });

  it('are narrowed by words and severity', async () => {
    await alarmed(house.open());
    await press('.virtflow-alerts .virtflow-state-chip.virtflow-severity-critical');
    await gone(rowOf('hall'));
    await press('.virtflow-alerts .virtflow-state-chip.virtflow-severity-critical');
    await editor.page.type('.virtflow-alerts input[type="search"]', 'hall');
    await gone(rowOf('room'));
    await shown(rowOf('hall'));
  });

  for (const [theme, language, width] of [
    ['light', 'en-US', 1400],
    ['dark', 'de', 760],
  ] as const) {
    it(`give axe nothing serious to complain about, ${theme}, ${language}`, async () => {
      await look({ theme, language, width });
      await editor.page.evaluate(axe);
      assert.deepEqual(await complaints(), []);
      await press('.virtflow-alert');
      await shown('.virtflow-alerts .virtflow-section-history li');
      await press('.virtflow-alerts [data-focus="silence"]');
      assert.deepEqual(await complaints(), []);
      await picture(`details-${theme}`);
      await press('.virtflow-alerts .virtflow-close');
      await press('.virtflow-alerts .virtflow-search .virtflow-button');
      await shown('.virtflow-person');
      assert.deepEqual(await complaints(), []);
      await picture(`contacts-${theme}`);
    });
  }

  it('stay few rows in the page when there are a thousand', async () => {
    await look();
    // A thousand commits to disk, one after the other.
    editor.page.setDefaultTimeout(45_000);
    await inject('many');
    await says('.virtflow-alerts .virtflow-heading', `${many + 2} alerts`);
    const rows = await editor.run("document.querySelectorAll('.virtflow-alert').length");
    assert.ok(Number(rows) < 60, `${String(rows)} rows stand in the page`);
    await editor.run("document.querySelector('.virtflow-alerts .virtflow-window').scrollTop = 1e9");
    await shown('.virtflow-alert[aria-rowindex="1003"]');
    await picture('thousand');
  });
});
