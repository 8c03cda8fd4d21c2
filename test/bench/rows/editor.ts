import puppeteer, { type Browser } from 'puppeteer-core';
import { isRoot } from '../../lab/runs.ts';
import { ratio } from '../figures.ts';
import { NodeRedProcess } from '../node-red.ts';
import { packagePath } from '../package.ts';
import { rounds } from '../rounds.ts';
import type { Row } from '../row.ts';

export const editor: Row = {
  id: 'editor',
  title: 'Loading the editor',
  needs: ['chromium'],
  notes: [
    'Headless Chromium with a warm cache; embedded Node-RED without a login, with an empty flow file.',
    'From the beginning of the navigation until the palette is loaded and the loading bar is gone.',
  ],
  async measure({ rounds: count }) {
    const [plain, ours] = await Promise.all([NodeRedProcess.start(), NodeRedProcess.start(packagePath())]);
    const args = isRoot ? ['--no-sandbox'] : []; // Chromium's sandbox does not work as root
    const browser = await puppeteer.launch({ executablePath: '/usr/bin/chromium', args });
    try {
      const values = await rounds(
        { plain: () => loadMs(browser, plain.url, 'inject'), ours: () => loadMs(browser, ours.url, 'virtflow-action') },
        { count: count * 2, warmUp: 2 },
      );
      const reference = { name: 'plain Node-RED', values: values.plain };
      return [
        ratio('plain Node-RED', values.plain, 'ms', reference),
        ratio('Node-RED with virtflow', values.ours, 'ms', reference, { atMost: 1.4 }),
      ];
    } finally {
      await browser.close();
      await Promise.all([plain.stop(), ours.stop()]);
    }
  },
};

/** The header's buttons appear when everything is loaded; a frame is as exactly as that can be seen. */
const loaded = `document.querySelector('#red-ui-header-toolbar:not(.hide)') !== null && performance.now()`;

/** How long the editor takes until it is loaded; `type` is a node's that must be there then. */
async function loadMs(browser: Browser, url: string, type: string): Promise<number> {
  const page = await browser.newPage();
  try {
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    const at = await page.waitForFunction(loaded, { polling: 'raf', timeout: 30_000 });
    const ms = await at.jsonValue();
    if (typeof ms !== 'number') throw new Error('the editor did not tell when it was loaded');
    if (!(await page.evaluate(`Boolean(RED.nodes.getType('${type}'))`))) throw new Error(`the editor has no ${type}`);
    return ms;
  } finally {
    await page.close();
  }
}
