import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { RestApi } from '../../lib/api/rest/rest-api.ts';
import type { Platform } from '../../lib/platform.ts';
import { roomsOf } from '../api/rest/house.ts';
import { openBrowser } from '../editor/browser.ts';

const shots = process.env.VIRTFLOW_SCREENSHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  readonly language?: string;
  /** Whether there may be panels below what the window shows: those are not waited for. */
  readonly isCut?: boolean;
  /** The token of the editor's session; empty for somebody who is not logged in. */
  readonly session?: string;
}

/** The pages of a platform, on a web server and in a browser of their own. */
export class PageHouse {
  readonly url: string;
  readonly browser: Browser;
  /** What the browser's console said, and what was asked of other places, since the last page was opened. */
  said: string[] = [];
  readonly #platform: Platform;
  readonly #rest: RestApi;
  readonly #server: Server;
  readonly #closeBrowser: () => Promise<void>;

  private constructor(
    platform: Platform,
    rest: RestApi,
    server: Server,
    { browser, close }: Awaited<ReturnType<typeof openBrowser>>,
  ) {
    this.#platform = platform;
    this.#rest = rest;
    this.#server = server;
    this.browser = browser;
    this.#closeBrowser = close;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(platform: Platform): Promise<PageHouse> {
    const rest = new RestApi(roomsOf(platform));
    rest.start();
    const server = createServer((request, response) => {
      const page = platform.pages.find((one) => one.isFor(request));
      if (page) page.handle(request, response);
      else rest.handle(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    platform.access.accounts.adopt('test', 'root', [{ effect: 'allow', role: 'administrator', scope: {} }], 'no hash');
    return new PageHouse(platform, rest, server, await openBrowser());
  }

  async close(): Promise<void> {
    await this.#closeBrowser();
    this.#rest.stop();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** A stream that nobody reads any more would keep the next page waiting. */
  async closePages(): Promise<void> {
    for (const page of (await this.browser.pages()).slice(1)) await page.close();
  }

  /** Opens a dashboard, and waits until its panels were drawn. */
  async page(path: string, { isCut = false, ...look }: Look = {}): Promise<Page> {
    const page = await this.visit(`/dashboards${path}`, look);
    if (isCut) await page.waitForFunction("performance.getEntriesByName('virtflow-drawn').length > 0");
    else await drawn(page);
    return page;
  }

  /** Opens a page, as an administrator who is logged in to the editor unless `session` is another token. */
  async visit(
    path: string,
    { width = 1400, theme = 'light', height = 3_000, language = 'en-US', session = this.#openSession() }: Look = {},
  ): Promise<Page> {
    const page = await this.browser.newPage();
    this.said = [];
    page.on('pageerror', (error) => this.said.push(String(error)));
    page.on('console', (message) => {
      // Of a text panel that has a handler in it: it was not run, and that is what is wanted.
      if (!message.text().startsWith('Executing inline event handler violates')) this.said.push(message.text());
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== 'data:' && protocol !== 'blob:' && origin !== this.url) this.said.push(`asked ${request.url()}`);
    });
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    await page.evaluateOnNewDocument(`
      localStorage.setItem('auth-tokens', ${JSON.stringify(JSON.stringify({ access_token: session }))});
      Object.defineProperty(navigator, 'languages', { value: [${JSON.stringify(language)}] });
    `);
    await page.goto(`${this.url}${path}`);
    return page;
  }

  #openSession(): string {
    return this.#platform.access.tokens.openSession('root');
  }
}

/** Waits until every panel shows something. */
export async function drawn(page: Page): Promise<void> {
  await page.waitForFunction("performance.getEntriesByName('virtflow-drawn').length > 0");
  await page.waitForFunction(
    "[...document.querySelectorAll('.panel .body')].every((body) => body.childElementCount > 0 || body.offsetParent === null)",
  );
}

/** The dashboards that come with virtflow, by the names of their files. */
export const shippedNames = ['fleet', 'host', 'vm', 'storage', 'capacity', 'operations', 'alerts', 'backup-age'];

/** Panels that show a sentence in place of figures, with that sentence. */
export function emptyPanels(page: Page): Promise<string[]> {
  return page.$$eval('.note', (all) =>
    all.map((note) => `${note.closest('.panel')?.querySelector('h2')?.textContent}: ${note.textContent}`),
  );
}

/** What axe has against the page that is serious or worse. */
export async function seriousIn(page: Page): Promise<unknown> {
  await page.evaluate(axe);
  return page.evaluate(
    "axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200)]))",
  );
}

/** Keeps a picture where `VIRTFLOW_SCREENSHOTS` says. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}
