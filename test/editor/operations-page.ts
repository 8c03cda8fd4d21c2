import type { Browser } from 'puppeteer-core';
import { Editor, type EditorOptions } from './browser.ts';
import type { VirtflowWithEditor } from './virtflow.ts';

const rowOf = (id: string) => `.virtflow-operation[data-key="${id}"]`;

/** The list of operations in the sidebar, as a test uses it. */
export class OperationsPage {
  readonly editor: Editor;

  private constructor(editor: Editor) {
    this.editor = editor;
  }

  static async open(virtflow: VirtflowWithEditor, browser: Browser, options: EditorOptions = {}, url = virtflow.url) {
    const editor = await virtflow.open(browser, options, url);
    editor.page.setDefaultTimeout(12_000);
    return OperationsPage.#show(editor);
  }

  /** In a Node-RED without a login. */
  static async at(url: string, browser: Browser) {
    return OperationsPage.#show(await Editor.open(browser, url));
  }

  static async #show(editor: Editor) {
    const page = new OperationsPage(editor);
    await editor.run("RED.sidebar.show('debug'); document.querySelector('button[data-tab-id=debug]').click()");
    await editor.run("RED.actions.invoke('virtflow:show-operations')");
    await editor.page.waitForSelector('.virtflow-window[aria-busy="false"]');
    return page;
  }

  get page() {
    return this.editor.page;
  }

  run(expression: string): Promise<unknown> {
    return this.editor.run(expression);
  }

  /** Waits until an operation's row says so. */
  async row(id: string, pattern = ''): Promise<string> {
    await this.page.waitForSelector(rowOf(id));
    await this.editor.says(rowOf(id), pattern);
    return String(await this.run(`document.querySelector('${rowOf(id)}').textContent`));
  }

  /** Waits until its row is of a state. */
  async state(id: string, state: string): Promise<void> {
    await this.page.waitForSelector(`${rowOf(id)}.virtflow-is-${state}`);
  }

  async gone(id: string): Promise<void> {
    await this.page.waitForFunction(`!document.querySelector('${rowOf(id)}')`);
  }

  press(id: string, part = ''): Promise<void> {
    return this.editor.press(`${rowOf(id)} ${part}`.trim());
  }

  /** Opens the details of an operation, and waits until they are there. */
  async details(id: string): Promise<void> {
    await this.page.waitForSelector(rowOf(id));
    await this.press(id);
    await this.page.waitForSelector('.virtflow-section-copy button');
  }

  async button(key: string): Promise<void> {
    await this.page.waitForSelector(`.virtflow-details [data-focus="${key}"]`);
    await this.editor.press(`.virtflow-details [data-focus="${key}"]`);
  }

  async says(selector: string, pattern: string): Promise<void> {
    await this.editor.says(selector, pattern);
  }

  /** The keys of the operations in the page, from the top. */
  async keys(): Promise<string[]> {
    const keys = await this.run("[...document.querySelectorAll('.virtflow-operation')].map((row) => row.dataset.key)");
    return Array.isArray(keys) ? keys.map(String) : [];
  }

  async search(text: string): Promise<void> {
    await this.page.click('.virtflow-search input', { count: 3 });
    await this.page.keyboard.press('Backspace');
    if (text !== '') await this.page.type('.virtflow-search input', text);
  }

  /** Where the focus is: the key of a row or of a button, or the name of an element. */
  async focus(): Promise<string> {
    return String(
      await this.run('(({ dataset, tagName }) => dataset.key ?? dataset.focus ?? tagName)(document.activeElement)'),
    );
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}
