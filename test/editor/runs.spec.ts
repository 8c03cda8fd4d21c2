import assert from 'node:assert/strict';
import type { Editor, EditorOptions } from './browser.ts';
import { inEditor } from './in-editor.ts';

const target = { mode: 'list', names: ['lab/dev-02'], selector: '', property: 'target' };
const action = { z: 'tab', version: 1, timeoutSeconds: null, mode: 'run', target };
const flows = [
  { id: 'tab', type: 'tab', label: 'Flow 1' },
  {
    id: 'c-lab',
    type: 'virtflow-connection',
    version: 1,
    name: 'lab',
    driver: 'simulator',
    uri: 'simulator:///lab',
  },
  {
    id: 'n-go',
    type: 'inject',
    z: 'tab',
    name: 'go',
    x: 120,
    y: 120,
    props: [{ p: 'payload' }, { p: 'password', v: 'hunter2', vt: 'str' }],
    payload: '{"why":"a test"}',
    payloadType: 'json',
    wires: [['n-start']],
  },
  { ...action, id: 'n-start', type: 'virtflow-vm-start', name: 'start it', x: 320, y: 120, wires: [['n-reset']] },
  { ...action, id: 'n-reset', type: 'virtflow-vm-reset', name: 'reset it', x: 520, y: 120, wires: [['n-end']] },
  { id: 'n-end', type: 'debug', z: 'tab', name: 'end', active: false, complete: 'payload', x: 720, y: 120, wires: [] },
];

describe('the Runs tab of the editor', function () {
  this.timeout(60_000);
  const openEditor = inEditor();
  let editor: Editor;

  async function open(options: EditorOptions = {}): Promise<void> {
    ({ editor } = await openEditor(flows, options));
  }
  /** Runs the flow to its end, and looks at its run. */
  async function runAndLook(): Promise<void> {
    await editor.page.click('[id="n-go"] .red-ui-flow-node-button-button');
    await editor.status('n-reset', '✓');
    await editor.run('RED.actions.invoke("virtflow:show-runs")');
    await editor.page.waitForSelector('.virtflow-runs-entry');
    await editor.page.click('.virtflow-runs-entry');
    await editor.page.waitForSelector('.virtflow-run-message');
  }
  const picture = async (name: string) => {
    const directory = process.env.VIRTFLOW_PICTURES;
    if (directory !== undefined) await editor.page.screenshot({ path: `${directory}/${name}.png` });
  };
  const text = (selector: string) => editor.text(selector);

  it('lists the runs of the tab and steps through one, with secrets masked', async () => {
    await open();
    await runAndLook();
    assert.match(await text('.virtflow-runs-entry'), /go/);
    assert.equal(await text('.virtflow-run-where'), 'step 1 of 4');
    await editor.page.click('.virtflow-run-controls button:nth-of-type(3)');
    await editor.says('.virtflow-run-where', 'step 2 of 4');
    assert.match(await text('.virtflow-run-message'), /"why": "a test"/);
    assert.match(await text('.virtflow-run-message'), /"password": "\*\*\*"/);
    assert.match(await text('.virtflow-run-operations'), /vm\.start · dev-02: succeeded/);
    assert.match(await text('.virtflow-run-next'), /reset it/);
    await picture('runs-light');
    assert.deepEqual(editor.errors, []);
  });

  it('is stepped through by keyboard', async () => {
    await open();
    await runAndLook();
    await editor.page.focus('.virtflow-run-controls button:nth-of-type(3)');
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'End'] as const) await editor.page.keyboard.press(key);
    await editor.says('.virtflow-run-where', 'step 4 of 4');
  });

  it('plans from a step on, as a run of its own, and changes nothing', async () => {
    await open({ language: 'de', theme: 'dark' });
    await runAndLook();
    await editor.page.click('.virtflow-run-controls button:nth-of-type(3)');
    await editor.page.click('.virtflow-run-again button:first-of-type');
    await editor.says('.virtflow-run-plan', 'vm.reset');
    assert.match(await text('.virtflow-run-plan'), /^1\. vm\.start of dev-02 would do nothing: it is so already\./);
    assert.match(await text('.virtflow-run-plan'), /2\. vm\.reset of dev-02/);
    await picture('runs-plan-dark-de');
    assert.deepEqual(editor.errors, []);
  });

  it('does a step again for real only when that is confirmed, and never one that is not recorded whole', async () => {
    await open();
    await runAndLook();
    await editor.page.click('.virtflow-run-controls button:nth-of-type(3)');
    assert.equal(await editor.run('document.querySelector(".virtflow-run-real").disabled'), true);
    await editor.page.click('.virtflow-run-controls button:nth-of-type(1)');
    await editor.says('.virtflow-run-where', 'step 1 of 4');
    await editor.page.click('.virtflow-run-real');
    await editor.page.waitForSelector('.red-ui-notification');
    await picture('runs-confirm');
    assert.equal(await editor.run('document.querySelectorAll(".virtflow-runs-entry").length'), 1);
  });
});
