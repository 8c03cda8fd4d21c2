import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Sample } from '../../lib/model/reading.ts';
import { requireLab } from '../lab/availability.ts';
import { type Editor, type EditorOptions, openBrowser } from './browser.ts';
import { buildPackage } from './package.ts';
import { VirtflowWithEditor } from './virtflow.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tab = { id: 'tab', type: 'tab', label: 'Alerts' };
const lab = { id: 'c-lab', type: 'virtflow-connection', name: 'lab', driver: 'simulator', uri: 'simulator:///lab' };
const busy = {
  ...{ id: 'busy', type: 'virtflow-threshold', version: 1, z: 'tab', name: 'CPU is busy', x: 300, y: 150 },
  ...{ source: 'collected', warningThreshold: '80', forSeconds: '120', wires: [[], []], outputs: 1 },
};
const minute = 60_000;

/** A day of some VMs: each busy for a quarter of an hour, every so many hours. */
function aDay(): Sample[] {
  const from = Math.floor(Date.now() / minute) * minute - 24 * 60 * minute;
  return Array.from({ length: 24 * 60 }, (_, index) => index).flatMap((index) =>
    ['web-01', 'web-02', 'db-01'].map((name, vm): Sample => {
      const isBusy = index % (120 + vm * 60) < 15;
      const cpuRatio = isBusy ? 0.83 + (index % 5 === 0 ? 0.1 : 0) + vm * 0.05 : 0.2;
      const tags = { connection: 'lab', id: name, name };
      return { measurement: 'vm', tags, at: from + index * minute, fields: { cpu_ratio: cpuRatio } };
    }),
  );
}

describe('the forms of rules', function () {
  this.timeout(60_000);
  let built: ReturnType<typeof buildPackage>;
  let chromium: Awaited<ReturnType<typeof openBrowser>>;
  let virtflow: VirtflowWithEditor;
  let editor: Editor;

  before(async function () {
    await requireLab(this, 'chromium');
    built = buildPackage();
    chromium = await openBrowser();
    virtflow = await VirtflowWithEditor.start({ packagePath: built.path, flows: [tab, lab, busy], samples: aDay() });
    await virtflow.connected();
  });
  after(async () => {
    await virtflow?.stop();
    await chromium?.close();
    built?.remove();
  });
  afterEach(() => editor?.page.close());

  const open = async (options: EditorOptions = {}) => {
    editor = await virtflow.open(chromium.browser, options);
    await editor.page.waitForFunction("RED.nodes.node('busy')");
  };
  const set = async (id: string, value: string) => {
    await editor.run(`$('#node-input-${id}').val('${value}').trigger('change')`);
  };
  const complaints = async () => {
    await editor.page.evaluate(axe);
    return editor.run(
      `axe.run({ include: [['.virtflow-row']] }).then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]))`,
    );
  };
  const note = '[data-virtflow-widget="backtest"] [role="status"]';
  const tryIt = '[data-virtflow-widget="backtest"] button';

  for (const theme of ['light', 'dark'] as const) {
    it(`try a rule on the past as it stands there, beside the deployed one, ${theme}`, async () => {
      await open({ theme });
      await editor.edit('busy');
      await set('warningThreshold', '90');
      await editor.press(tryIt);
      await editor.says(note, 'It would have fired 6 times, for 3 objects by 4320 samples.');
      await editor.says(note, 'The deployed one: 26 times; 6 the same, 0 moved, 0 new, 20 gone.');
      assert.equal(await editor.run("document.querySelectorAll('.virtflow-backtest-row').length"), 3);
      const first = 'document.querySelector(".virtflow-backtest-firing")';
      assert.match(String(await editor.run(`${first}.getAttribute('aria-label')`)), /, warning: .*cpu_ratio is/);
      assert.deepEqual(await complaints(), []);
      assert.deepEqual(editor.errors, []);
    });
  }

  it('say what is wrong with a rule that cannot be tried', async () => {
    await open();
    await editor.edit('busy');
    await set('warningThreshold', '');
    await set('criticalThreshold', '');
    await editor.press(tryIt);
    await editor.says(note, 'it has no threshold');
    assert.match(String(await editor.run(`document.querySelector('${note}').className`)), /virtflow-error/);
  });

  it('offer objects of the kind that is measured', async () => {
    await open();
    await editor.edit(await editor.drop('virtflow-rate', 300, 300));
    await editor.page.click('.virtflow-modes input[value="list"]');
    await set('measurement', 'host');
    await editor.page.focus('.virtflow-combobox input');
    await editor.page.keyboard.press('ArrowDown');
    await editor.says('.virtflow-list li', 'lab');
    const hosts = await editor.text('.virtflow-list');
    assert.doesNotMatch(hosts, /web-01/);
    await set('measurement', 'vm');
    await editor.page.click('.virtflow-modes input[value="selector"]');
    await editor.page.type('.virtflow-target .virtflow-mono', "name = 'web-01'");
    await editor.says('.virtflow-target', 'matches 1 of 12: web-01');
    assert.deepEqual(await complaints(), []);
  });

  it('join rules by their names, by keyboard alone', async () => {
    await open();
    const id = await editor.drop('virtflow-composite', 300, 300);
    await editor.edit(id);
    await editor.page.focus('.virtflow-members .red-ui-editableList-addButton');
    await editor.page.keyboard.press('Enter');
    await editor.page.waitForSelector('.virtflow-member option[value="busy"]');
    assert.match(await editor.text('.virtflow-member select'), /CPU is busy · Alerts/);
    await editor.page.select('.virtflow-member select', 'busy');
    await editor.page.select('.virtflow-member select:nth-of-type(3)', 'critical');
    assert.deepEqual(await complaints(), []);
    await editor.closeForm('ok');
    const members = await editor.run(`RED.nodes.node('${id}').members`);
    assert.deepEqual(members, [{ rule: 'busy', fires: true, atLeast: 'critical' }]);
    assert.equal(await editor.run(`RED.nodes.node('${id}').valid`), true);
  });

  it('speak German', async () => {
    await open({ language: 'de' });
    await editor.edit(await editor.drop('virtflow-forecast', 300, 300));
    const text = String(await editor.run("document.querySelector('.virtflow-form').textContent"));
    assert.match(text, /Die Marke.*Nach den letzten/s);
    assert.doesNotMatch(text, /backtest\.|members\.|common\.fields|virtflow-forecast\./);
    await editor.press(tryIt);
    await editor.says(note, 'ist zu wenig Vergangenheit bekannt|Sie hätte');
  });
});
