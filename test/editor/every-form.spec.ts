import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { NodeDescription } from '../../nodes/forms/node-description.ts';
import { nodeSets } from '../../nodes/sets.ts';
import { requireLab } from '../lab/availability.ts';
import { type Editor, openBrowser } from './browser.ts';
import { buildPackage } from './package.ts';
import { VirtflowWithEditor } from './virtflow.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tab = { id: 'tab', type: 'tab', label: 'Every node' };
const lab = { id: 'c-lab', type: 'virtflow-connection', name: 'lab', driver: 'simulator', uri: 'simulator:///lab' };
const all = nodeSets.flatMap(({ nodes }) => nodes);
/** Pictures of all forms go there, for people to look at. */
const pictures = process.env.VIRTFLOW_TEST_PICTURES;

/** What is wrong with the open form, in its page: what cannot be reached, has no name, is wider than its place, or has no words. */
const faults = `(async () => {
  const form = [...document.querySelectorAll('.red-ui-tray')].at(-1).querySelector('form.virtflow-form');
  if (!form) return ['there is no form'];
  form.dataset.looked = '';
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  // Node-RED's, hidden from people, so that browsers keep no passwords.
  const isTrap = ({ id }) => id.startsWith('red-ui-trap');
  const edge = form.getBoundingClientRect().right + 1;
  const asked = [...form.querySelectorAll('input, select, textarea, button')].filter((element) => shown(element) && !isTrap(element));
  const named = (element) => element.ariaLabel || element.title || element.labels?.length || element.textContent.trim()
    || element.getAttribute('aria-labelledby') || element.closest('.monaco-editor, .red-ui-typedInput-container');
  const spoken = [form, ...form.querySelectorAll('[title], [placeholder], [aria-label]')]
    .map((element) => element === form ? form.innerText : [element.title, element.placeholder, element.ariaLabel].join(' '));
  const { violations } = await axe.run({ include: [form], exclude: [['[id^=red-ui-trap]']] });
  return [
    ...asked.filter((element) => !named(element)).map((element) => 'no name: ' + element.outerHTML.slice(0, 160)),
    ...asked.filter((element) => element.getBoundingClientRect().right > edge && !element.closest('.monaco-editor'))
      .map((element) => 'too wide: ' + element.outerHTML.slice(0, 160)),
    ...[...form.querySelectorAll('label')].filter((label) => shown(label) && label.htmlFor && !form.querySelector('#' + CSS.escape(label.htmlFor)))
      .map((label) => 'label of nothing: ' + label.outerHTML),
    ...spoken.flatMap((text) => text.match(/(?:virtflow-[a-z-]+|common|node|form|calendar|field)\\.(?!md|json)[\\w.-]+|\\[object |(?<!\\.)undefined/g) ?? [])
      .map((key) => 'no words: ' + key),
    ...violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => id + ': ' + node.html.slice(0, 160))),
  ];
})()`;

describe('every form', function () {
  this.timeout(120_000);
  let chromium: Awaited<ReturnType<typeof openBrowser>>;
  let virtflow: VirtflowWithEditor;
  let editor: Editor;

  before(async function () {
    await requireLab(this, 'chromium');
    chromium = await openBrowser();
    virtflow = await VirtflowWithEditor.start({ packagePath: buildPackage().path, flows: [tab, lab] });
    await virtflow.connected();
  });
  after(async () => {
    await virtflow?.stop();
    await chromium?.close();
  });
  afterEach(() => editor?.page.close());

  /** Opens the form of a new node, looks at it, closes it again. */
  async function look({ type, category }: NodeDescription, picture: string): Promise<string[]> {
    if (category === 'config') await editor.run(`RED.editor.editConfig('', '${type}', '_ADD_')`);
    else {
      const add = `const { node } = RED.view.createNode('${type}', 300, 150); RED.nodes.add(node); return node.id;`;
      await editor.edit(String(await editor.run(`(() => { ${add} })()`)));
    }
    await editor.page.waitForSelector('.red-ui-tray form.virtflow-form:not([data-looked])', { visible: true });
    if (pictures) await editor.page.screenshot({ path: `${pictures}/${type}-${picture}.png` });
    const found = (await editor.run(faults)) as string[];
    await editor.closeForm('cancel');
    return [...found, ...editor.errors.splice(0)].map((fault) => `${type}: ${fault}`);
  }

  for (const [which, language, theme, descriptions] of [
    ['all of them', 'de', 'dark', all],
    ['one of each set', 'en-US', 'light', nodeSets.flatMap(({ nodes }) => nodes.slice(0, 1))],
  ] as const) {
    it(`can be read and filled in, in a small window: ${which}, ${language}, ${theme}`, async () => {
      editor = await virtflow.open(chromium.browser, { language, theme, width: 900, height: 600 });
      await editor.page.evaluate(axe);
      await editor.run('$.fx.off = true');
      const found: string[] = [];
      for (const description of descriptions) found.push(...(await look(description, `${language}-${theme}`)));
      assert.deepEqual(found, []);
    });
  }
});
