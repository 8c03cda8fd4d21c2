import assert from 'node:assert/strict';
import type { Editor, EditorOptions } from './browser.ts';
import { inEditor } from './in-editor.ts';

const tab = { id: 'tab', type: 'tab', label: 'Flow 1' };
const lab = { id: 'c-lab', type: 'virtflow-connection', name: 'lab', driver: 'simulator', uri: 'simulator:///lab' };
const add = '.virtflow-steps .red-ui-editableList-addButton';
const step = (number: number) => `.virtflow-steps li:nth-of-type(${number}) .virtflow-step`;

describe('the list of steps in the editor', function () {
  this.timeout(60_000);
  const openEditor = inEditor();
  let editor: Editor;

  async function open(options: EditorOptions = {}): Promise<string> {
    ({ editor } = await openEditor([tab, lab], options));
    const id = await editor.drop('virtflow-group', 400, 150);
    await editor.edit(id);
    return id;
  }

  async function addStep(number: number, action: string, vm: string): Promise<void> {
    await editor.press(add);
    await editor.page.waitForSelector(`${step(number)} select`, { visible: true });
    await editor.page.select(`${step(number)} .virtflow-step-head select`, action);
    await editor.page.type(`${step(number)} .virtflow-combobox input`, vm);
    await editor.page.keyboard.press('Enter');
  }

  it('takes actions with targets, and runs them in their order', async () => {
    const id = await open();
    await addStep(1, 'vm.pause', 'lab/web-01');
    await addStep(2, 'vm.resume', 'lab/web-01');
    await editor.page.type(`${step(1)} input[type="number"]`, '3');
    if (process.env.VIRTFLOW_SCREENSHOTS) await editor.page.screenshot({ path: '.tmp/steps.png' });
    await editor.closeForm('ok');
    const steps = await editor.run(
      `RED.nodes.node('${id}').steps.map((one) => [one.action, one.target.names[0], one.weight])`,
    );
    assert.deepEqual(steps, [
      ['vm.pause', 'lab/web-01', '3'],
      ['vm.resume', 'lab/web-01', ''],
    ]);
    assert.equal(await editor.run(`RED.nodes.node('${id}').valid`), true);
    const inject = await editor.drop('inject', 150, 150);
    await editor.wire(inject, id);
    await editor.deploy();
    await editor.page.click(`[id="${inject}"] .red-ui-flow-node-button-button`);
    assert.match(await editor.status(id, '✓'), /^✓ \d\d:\d\d:\d\d$/);
    await editor.edit(id);
    assert.equal(await editor.text(`${step(2)} .virtflow-chips li`), 'lab/web-01');
    assert.deepEqual(editor.errors, []);
  });

  it('marks a step that is not whole, and is in German where the editor is', async () => {
    const id = await open({ language: 'de', theme: 'dark', width: 1000 });
    await editor.press(add);
    await editor.page.waitForSelector(step(1), { visible: true });
    assert.match(await editor.text(`${step(1)} select`), /Aktion wählen.*VM starten/);
    if (process.env.VIRTFLOW_SCREENSHOTS) await editor.page.screenshot({ path: '.tmp/steps-dark.png' });
    await editor.closeForm('ok');
    assert.equal(await editor.run(`RED.nodes.node('${id}').valid`), false);
    const said = await editor.run(`JSON.stringify(RED.nodes.node('${id}').validationErrors)`);
    assert.match(String(said), /Schritt 1/);
  });
});
