import assert from 'node:assert/strict';
import type { Editor, EditorOptions } from './browser.ts';
import { inEditor } from './in-editor.ts';

const tab = { id: 'tab', type: 'tab', label: 'Flow 1' };
const lab = { id: 'c-lab', type: 'virtflow-connection', name: 'lab', driver: 'simulator', uri: 'simulator:///lab' };
const picker = '.virtflow-combobox input';

describe('the editor', function () {
  this.timeout(60_000);
  const openEditor = inEditor();
  let editor: Editor;

  async function open(flows: readonly object[], options: EditorOptions = {}): Promise<void> {
    ({ editor } = await openEditor(flows, options));
  }

  it('takes a node from the palette, a VM from the inventory, and runs it', async () => {
    await open([tab, lab]);
    const inject = await editor.drop('inject', 150, 150);
    const start = await editor.drop('virtflow-vm-start', 400, 150);
    await editor.edit(start);
    await editor.page.type(picker, 'dev 02');
    await editor.says('.virtflow-list', 'dev-02');
    assert.match(await editor.text('.virtflow-list li'), /dev-02off · lab/);
    await editor.page.click('.virtflow-list li');
    assert.equal(await editor.text('.virtflow-chips li'), 'lab/dev-02');
    await editor.closeForm('ok');
    await editor.says(`[id="${start}"]`, 'start vm · dev-02');
    await editor.wire(inject, start);
    await editor.deploy();
    await editor.page.click(`[id="${inject}"] .red-ui-flow-node-button-button`);
    assert.match(await editor.status(start, '✓'), /^✓ \d\d:\d\d:\d\d$/);
    assert.deepEqual(editor.errors, []);
  });

  it('can be used by keyboard alone', async () => {
    await open([tab, lab]);
    const id = await editor.drop('virtflow-vm-pause', 300, 150);
    await editor.edit(id);
    const { keyboard } = editor.page;
    await editor.page.focus('#node-input-name');
    await keyboard.press('Tab');
    assert.equal(await editor.run('document.activeElement.value'), 'list');
    await keyboard.press('ArrowRight');
    assert.equal(await editor.run('document.activeElement.value'), 'selector');
    await keyboard.press('ArrowLeft');
    await keyboard.press('Tab');
    await keyboard.type('web');
    await editor.says('.virtflow-list', 'web-02');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    const active = 'document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))';
    assert.match(String(await editor.run(`${active}.textContent`)), /^web-02/);
    await keyboard.press('Enter');
    assert.equal(await editor.text('.virtflow-chips'), 'lab/web-02');
    await keyboard.press('Escape');
    assert.equal(await editor.run('document.activeElement.getAttribute("aria-expanded")'), 'false');
    await keyboard.press('Backspace');
    await keyboard.type('typed-by-hand');
    await keyboard.press('Enter');
    await keyboard.down('Control');
    await keyboard.press('Enter');
    await keyboard.up('Control');
    await editor.page.waitForFunction("document.querySelectorAll('.red-ui-tray').length === 0");
    assert.deepEqual(await editor.run(`RED.nodes.node('${id}').target.names`), ['typed-by-hand']);
  });

  it('shows what a selector matches, and what is wrong with it', async () => {
    await open([tab, lab]);
    await editor.edit(await editor.drop('virtflow-vm-query', 300, 150));
    await editor.page.click('.virtflow-modes input[value="selector"]');
    await editor.page.type('.virtflow-target .virtflow-mono', "name = 'web-01' or name = 'web-02'");
    await editor.says('.virtflow-target', 'matches 2 of 12: web-01, web-02');
    await editor.page.type('.virtflow-target .virtflow-mono', ' and');
    await editor.says('.virtflow-target .virtflow-error', 'cannot be used');
  });

  it('says that nothing is deployed yet, and takes names all the same', async () => {
    await open([tab]);
    const id = await editor.drop('virtflow-vm-start', 300, 150);
    await editor.edit(id);
    await editor.page.type(picker, 'later');
    await editor.says('.virtflow-popup', 'No connection is deployed yet');
    await editor.closeForm('ok');
    assert.deepEqual(await editor.run(`RED.nodes.node('${id}').target.names`), ['later']);
  });

  it('tests a connection from its form', async () => {
    await open([tab, lab]);
    await editor.run("RED.editor.editConfig('', 'virtflow-connection', 'c-lab')");
    const test = '[data-virtflow-widget="test-connection"] button';
    await editor.page.waitForSelector(test, { visible: true });
    await editor.press(test);
    await editor.says('.virtflow-result-good', '12 VMs');
    assert.deepEqual(
      await editor.run(
        "[...document.querySelectorAll('#node-config-input-driver option')].map(({ value }) => value).sort()",
      ),
      ['libvirt', 'simulator'],
    );
    await editor.run("document.querySelector('#node-config-input-uri').value = 'nonsense'");
    await editor.press(test);
    await editor.says('.virtflow-result-bad', 'cannot be used');
  });

  it('marks what is out of its limits', async () => {
    await open([tab, lab]);
    const id = await editor.drop('virtflow-vm-shutdown', 300, 150);
    await editor.edit(id);
    await editor.run("$('#node-input-waitSeconds').val('0').trigger('change')");
    await editor.page.waitForSelector('#node-input-waitSeconds.input-error');
    await editor.closeForm('ok');
    assert.equal(await editor.run(`RED.nodes.node('${id}').valid`), false);
  });

  it('gives the threshold a second output when that is switched on', async () => {
    await open([tab]);
    const id = await editor.drop('virtflow-threshold', 300, 150);
    assert.equal(await editor.run(`RED.nodes.node('${id}').outputs`), 1);
    await editor.edit(id);
    await editor.page.click('#node-input-passThrough');
    await editor.closeForm('ok');
    await editor.page.waitForFunction(
      `document.querySelectorAll('[id="${id}"] .red-ui-flow-port-output').length === 2`,
    );
  });

  it('shows the next runs as the schedule is typed', async () => {
    await open([tab]);
    await editor.edit(await editor.drop('virtflow-schedule', 300, 150));
    await editor.says('.virtflow-next-runs', '02:00');
    assert.equal(await editor.run("document.querySelectorAll('.virtflow-next-runs li').length"), 10);
    await editor.page.select('#node-input-repeat', 'cron');
    await editor.run("document.querySelector('#node-input-cron').value = 'not a cron'");
    await editor.run("document.querySelector('#node-input-cron').dispatchEvent(new Event('input', { bubbles: true }))");
    await editor.says('.virtflow-error', 'cannot be used');
  });

  it('fills what a node of an older release lacks', async () => {
    const old = { id: 'old', type: 'virtflow-vm-shutdown', z: 'tab', name: '', x: 300, y: 150, wires: [[]] };
    await open([tab, lab, old]);
    await editor.edit('old');
    assert.equal(await editor.run("document.querySelector('#node-input-waitSeconds').value"), '120');
    assert.equal(await editor.run("document.querySelector('#node-input-method').value"), 'auto');
  });

  it('speaks German', async () => {
    await open([tab, lab], { language: 'de' });
    assert.match(await editor.text('[data-palette-type="virtflow-vm-start"]'), /VM\s+starten/);
    const id = await editor.drop('virtflow-vm-shutdown', 300, 150);
    await editor.edit(id);
    const form = await editor.text('#dialog-form');
    for (const word of ['Nach Name', 'Warten', 'Danach mit Gewalt', 'Aufgeben nach', 'automatisch']) {
      assert.ok(form.includes(word), `${word} is missing in ${form}`);
    }
    assert.doesNotMatch(form, /virtflow-|common\./);
    assert.equal(await editor.text('#red-ui-palette-header-virtflow_vm'), 'virtflow VM');
  });

  it('tells the next runs in the language of the editor', async () => {
    await open([tab], { language: 'de' });
    await editor.edit(await editor.drop('virtflow-schedule', 300, 150));
    await editor.says('.virtflow-next-runs', '^(Mo|Di|Mi|Do|Fr|Sa|So)\\.?, ');
  });
});
