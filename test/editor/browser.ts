import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

export const chromiumPath = '/usr/bin/chromium';

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A headless Chromium with a profile of its own. */
export async function openBrowser(): Promise<{ readonly browser: Browser; close(): Promise<void> }> {
  const userDataDir = mkdtempSync(join(tmpdir(), 'virtflow-chromium-'));
  const browser = await puppeteer.launch({ executablePath: chromiumPath, headless: true, args: quiet, userDataDir });
  return {
    browser,
    close: async () => {
      await browser.close();
      rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export interface EditorOptions {
  readonly language?: string;
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** What the browser's storage holds before the page is opened. */
  readonly storage?: Readonly<Record<string, string>>;
}

/** Node-RED's editor in a browser page, with what its console said. */
export class Editor {
  readonly page: Page;
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  /** In a page that remembers nothing of those before; what the browser has fetched for them is not fetched again. */
  static async open(browser: Pick<Browser, 'newPage'>, url: string, options: EditorOptions = {}): Promise<Editor> {
    const { language = 'en-US', theme = 'light', width = 1400, height = 1000, storage = {} } = options;
    const page = await browser.newPage();
    await page.setViewport({ width, height });
    const kept = JSON.stringify({ 'editor-language': language, ...storage });
    // Once for the page: what it keeps itself outlives a reload.
    await page.evaluateOnNewDocument(`if (!sessionStorage.getItem('begun')) {
      localStorage.clear();
      sessionStorage.setItem('begun', 'yes');
      for (const pair of Object.entries(${kept})) localStorage.setItem(...pair);
    }`);
    const editor = new Editor(page);
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    await page.waitForSelector('.red-ui-palette-node[data-palette-type="virtflow-vm-start"]', { timeout: 15_000 });
    await editor.run(`document.documentElement.classList.toggle('nr-theme-dark', ${theme === 'dark'})`);
    return editor;
  }

  /** Runs an expression in the page; what it answers is up to the caller to check. */
  run(expression: string): Promise<unknown> {
    return this.page.evaluate(expression);
  }

  /** Drags a node from the palette onto the canvas, and answers its id. */
  async drop(type: string, x: number, y: number): Promise<string> {
    const before = new Set(await this.#ids());
    const source = await this.page.waitForSelector(paletteNode(type), { visible: true });
    await this.run(`document.querySelector(${JSON.stringify(paletteNode(type))}).scrollIntoView({ block: 'center' })`);
    const box = await source?.boundingBox();
    const canvas = await (await this.page.waitForSelector('#red-ui-workspace-chart'))?.boundingBox();
    if (!box || !canvas) throw new Error(`${type} cannot be dragged`);
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(canvas.x + x - 20, canvas.y + y - 20, { steps: 4 });
    await this.page.mouse.move(canvas.x + x, canvas.y + y, { steps: 4 });
    await this.page.mouse.up();
    const added = (await this.#ids()).find((id) => !before.has(id));
    if (added === undefined) throw new Error(`${type} was not added`);
    return added;
  }

  async #ids(): Promise<string[]> {
    const ids = await this.run(
      '(() => { const ids = []; RED.nodes.eachNode((node) => ids.push(node.id)); return ids; })()',
    );
    return Array.isArray(ids) ? ids.map(String) : [];
  }

  /** Opens the edit form of a node and waits until it stands still. */
  async edit(id: string): Promise<void> {
    await this.run(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
    await this.#trayAtRest();
  }

  async #trayAtRest(): Promise<void> {
    await this.page.waitForSelector('.red-ui-tray-footer', { visible: true });
    await this.page.waitForFunction(`(() => {
      const tray = [...document.querySelectorAll('.red-ui-tray')].at(-1);
      const isIn = tray && getComputedStyle(tray).right === '0px';
      return isIn && tray.getAnimations({ subtree: true }).length === 0 && !$(tray).is(':animated');
    })()`);
  }

  /** Draws a wire from the output of one node to the input of another. */
  async wire(from: string, to: string): Promise<void> {
    const [output, input] = await Promise.all([this.#port(from, 'output'), this.#port(to, 'input')]);
    await this.page.mouse.move(output.x, output.y);
    await this.page.mouse.down();
    await this.page.mouse.move((output.x + input.x) / 2, (output.y + input.y) / 2, { steps: 4 });
    await this.page.mouse.move(input.x, input.y, { steps: 4 });
    await this.page.mouse.up();
  }

  async #port(id: string, side: 'input' | 'output'): Promise<{ x: number; y: number }> {
    const port = await this.page.waitForSelector(`[id="${id}"] .red-ui-flow-port-${side} rect`);
    const box = await port?.boundingBox();
    if (!box) throw new Error(`${id} shows no ${side}`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** As if somebody turned to another page, or came back. */
  async look(where: 'away' | 'here'): Promise<void> {
    await this.run(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${where === 'away'} });
      document.dispatchEvent(new Event('visibilitychange'));`);
  }

  /** Clicks something that may still be sliding into the page. */
  async press(selector: string): Promise<void> {
    await this.run(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  /** What a selector finds in the open form, as text. */
  async text(selector: string): Promise<string> {
    const element = await this.page.waitForSelector(selector, { visible: true });
    return String(await element?.evaluate((found) => found.textContent));
  }

  /** Waits until what a selector finds says so. */
  async says(selector: string, pattern: string): Promise<void> {
    const text = `document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`;
    await this.page.waitForFunction(`new RegExp(${JSON.stringify(pattern)}).test(${text})`);
  }

  /** Closes the topmost form with Done or Cancel, and waits until it is gone. */
  async closeForm(button: 'ok' | 'cancel'): Promise<void> {
    // A click on a form that still slides in meets what is beneath it.
    await this.#trayAtRest();
    const before = await this.run("document.querySelectorAll('.red-ui-tray').length");
    const isConfig = await this.page.$('#node-config-dialog-ok');
    await this.page.click(isConfig ? `#node-config-dialog-${button}` : `#node-dialog-${button}`);
    await this.page.waitForFunction(`document.querySelectorAll('.red-ui-tray').length < ${before}`);
  }

  /** Deploys, and waits until the editor takes clicks again. */
  async deploy(): Promise<void> {
    // While an earlier one still spins, Node-RED takes no other.
    await this.page.waitForFunction("!$('.red-ui-deploy-button-spinner').is(':visible')");
    await this.page.click('#red-ui-header-button-deploy');
    await this.page.waitForFunction("!RED.nodes.dirty() && !$('#red-ui-full-shade').is(':visible')");
  }

  /** Waits until the status beneath a node matches. */
  async status(id: string, pattern: string): Promise<string> {
    const text = `document.getElementById(${JSON.stringify(id)})?.querySelector('.red-ui-flow-node-status-label')?.textContent`;
    const found = await this.page.waitForFunction(
      `new RegExp(${JSON.stringify(pattern)}).test(${text} ?? '') && ${text}`,
    );
    return String(await found.jsonValue());
  }
}

function paletteNode(type: string): string {
  return `.red-ui-palette-node[data-palette-type="${type}"]`;
}
