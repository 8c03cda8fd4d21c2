import assert from 'node:assert/strict';
import type { Editor, EditorOptions } from './browser.ts';
import { inEditor } from './in-editor.ts';
import type { NodeRedProcess } from './start.ts';

const tab = { id: 'tab', type: 'tab', label: 'Flow 1' };
const lab = { id: 'c-lab', type: 'virtflow-connection', name: 'lab', driver: 'simulator', uri: 'simulator:///lab' };
const panel = 'form.virtflow-governor';
const stopSection = '.virtflow-governor-switch';

interface Answer {
  readonly rules: readonly { readonly id: string; readonly enabled?: boolean; readonly limit?: number }[];
  readonly state: { readonly killed: { readonly reason: string } | null };
}

describe("the governor in Node-RED's editor", function () {
  this.timeout(60_000);
  const openEditor = inEditor();
  let nodeRed: NodeRedProcess;
  let editor: Editor;

  async function open(options: EditorOptions = {}): Promise<void> {
    ({ nodeRed, editor } = await openEditor([tab, lab], options));
    await editor.run("RED.actions.invoke('virtflow:governor')");
    await editor.page.waitForSelector(`${panel} [data-virtflow-rule="deletes"]`, { visible: true });
    await picture(options);
  }

  /** For people who look at it: VIRTFLOW_PICTURES names a directory. */
  async function picture({ language = 'en-US', theme = 'light' }: EditorOptions, what = 'panel'): Promise<void> {
    const directory = process.env.VIRTFLOW_PICTURES;
    if (directory) await editor.page.screenshot({ path: `${directory}/governor-${what}-${language}-${theme}.png` });
  }

  async function answer(): Promise<Answer> {
    return (await nodeRed.get('virtflow/governor')) as Answer;
  }

  it('is opened from the main menu, and shows the rules and what is used of them', async () => {
    await open();
    assert.match(
      await editor.text(`${panel} [data-virtflow-rule="deletes"]`),
      /Few deletions.*at most 5 of destructive/,
    );
    await editor.says(`${panel} [data-virtflow-rule="deletes"] .virtflow-governor-bar`, '0 of 5');
    assert.ok(await editor.page.$('#menu-item-virtflow-governor'));
    assert.deepEqual(editor.errors, []);
  });

  it('changes a rule by keyboard, adds one and deletes it again', async () => {
    await open();
    await editor.page.focus(`${panel} [data-virtflow-rule="deletes"] button`);
    await editor.page.keyboard.press('Enter');
    const amount = `${panel} [data-virtflow-governor="amount"]`;
    await editor.page.waitForSelector(amount, { visible: true });
    await picture({}, 'form');
    await editor.run(`document.querySelector('${amount}').value = ''`);
    await editor.page.type(amount, '7');
    await editor.page.keyboard.press('Enter');
    await editor.says(`${panel} [data-virtflow-rule="deletes"]`, 'at most 7 of');
    assert.equal((await answer()).rules.find(({ id }) => id === 'deletes')?.limit, 7);
    await editor.page.select(`${panel} select`, 'coolDown');
    await editor.press(`${panel} [data-virtflow-governor="add"]`);
    await editor.page.waitForSelector(`${panel} [data-virtflow-governor="for"]`, { visible: true });
    await editor.page.keyboard.press('Enter');
    const added = `${panel} [data-virtflow-rule="cool-down"]`;
    await editor.says(added, '30s of rest');
    const remove = `${added} button:last-child`;
    await editor.page.click(remove);
    await editor.says(remove, 'Really delete');
    await editor.page.click(remove);
    await editor.page.waitForFunction(`!document.querySelector('${added}')`);
    assert.ok((await answer()).rules.every(({ id }) => id !== 'cool-down'));
    assert.deepEqual(editor.errors, []);
  });

  it('says what is wrong with a rule, and keeps the form open', async () => {
    await open();
    await editor.press(`${panel} [data-virtflow-rule="deletes"] button`);
    const window = `${panel} [data-virtflow-governor="window"]`;
    await editor.page.waitForSelector(window, { visible: true });
    await editor.page.type(window, ' long');
    await editor.page.keyboard.press('Enter');
    await editor.says(`${panel} > [role="status"]`, 'rule "deletes": "window"');
    assert.ok(await editor.page.$(window));
  });

  it('throws the kill switch with a reason, and releases it', async () => {
    await open();
    await editor.press(`${stopSection} button`);
    await editor.page.keyboard.press('Enter');
    await editor.says(`${stopSection} .virtflow-note`, 'Say why');
    await editor.page.keyboard.type('a drill');
    await editor.page.keyboard.press('Enter');
    await editor.says(stopSection, 'Stopped by editor since .*: a drill');
    await picture({}, 'stopped');
    assert.equal((await answer()).state.killed?.reason, 'a drill');
    await editor.press(`${stopSection} button`);
    await editor.says(stopSection, 'Stop everything');
    assert.equal((await answer()).state.killed, null);
  });

  it('makes the house read-only with one switch', async () => {
    await open();
    const readOnly = async () => (await answer()).rules.find(({ id }) => id === 'read-only')?.enabled !== false;
    const toggle = `${panel} > .virtflow-switch input`;
    assert.equal(await readOnly(), false);
    await editor.press(toggle);
    await editor.page.waitForSelector(`${panel} [data-virtflow-rule="read-only"]:not(.virtflow-governor-off)`);
    assert.equal(await readOnly(), true);
    await editor.press(toggle);
    await editor.page.waitForSelector(`${panel} [data-virtflow-rule="read-only"].virtflow-governor-off`);
    assert.equal(await readOnly(), false);
  });

  it('speaks German, in the dark as well', async () => {
    await open({ language: 'de', theme: 'dark', width: 900 });
    assert.match(await editor.text(panel), /Alles anhalten.*Nur lesen.*höchstens 5 von destructive innerhalb von 10m/s);
    assert.deepEqual(editor.errors, []);
  });
});
