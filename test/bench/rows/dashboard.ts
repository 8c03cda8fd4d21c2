import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import type { Sample } from '../../../lib/model/reading.ts';
import { houseSamples } from '../../dashboards/house-samples.ts';
import { LivingHouse } from '../../dashboards/living-house.ts';
import { PageHouse } from '../../dashboards/page-house.ts';
import { fiftyPanels } from '../fifty-panels.ts';
import { atMost, type Figure, median } from '../figures.ts';
import { rounds } from '../rounds.ts';
import type { Row } from '../row.ts';

const days = 30;
const vms = 100;
const hosts = 10;
/** What virtflow samples at, unless it is told otherwise. */
const stepMs = Number(process.env.VIRTFLOW_BENCH_STEP_SECONDS ?? 30) * 1_000;
const rowsInABatch = 80_000;

export const dashboard: Row = {
  id: 'dashboard',
  title: `A dashboard of 50 panels over ${days} days of ${vms} VMs`,
  needs: ['chromium'],
  notes: [
    `DuckDB on disk, sampled every ${stepMs / 1_000} s; fifty different questions of ten series each, all panels in view.`,
    'Headless Chromium 1600 × 2400, a new page each time: from the beginning of the navigation until all panels are drawn.',
    'Zoom: from the end of the drag over a picture until all panels are drawn anew.',
  ],
  async measure({ rounds: count, log }) {
    const house = new LivingHouse({ engine: 'duckdb', memoryMiB: 512 }, 'off');
    let pages: PageHouse | undefined;
    try {
      await fill(join(house.directory, 'metrics', 'metrics.duckdb'), log);
      await mkdir(join(house.directory, 'dashboards'), { recursive: true });
      const names = Array.from({ length: hosts }, (_, host) => `node-${String(host + 1).padStart(2, '0')}`);
      await writeFile(join(house.directory, 'dashboards', 'fifty.json'), JSON.stringify(fiftyPanels(names)));
      house.platform.start();
      pages = await PageHouse.open(house.platform);
      return await figures(pages, count);
    } finally {
      await pages?.close();
      await house.stop();
    }
  },
};

async function figures(pages: PageHouse, count: number): Promise<Figure[]> {
  const zooms: number[] = [];
  const answers: number[] = [];
  const { paint } = await rounds(
    {
      paint: async () => {
        const page = await pages.page(`/d/fifty?from=now-${days}d&to=now`, { width: 1_600, height: 2_400 });
        const at = await moment(page, 'virtflow-drawn');
        answers.push((await moment(page, 'virtflow-answer')) - (await moment(page, 'virtflow-ask')));
        zooms.push(await zoomMs(page));
        await page.close();
        return at;
      },
    },
    { count, warmUp: 1 },
  );
  return [
    atMost('first paint of all panels', median(paint), 'ms', 1_000),
    { what: 'of that, until the figures were there', value: median(answers.slice(1)), unit: 'ms' },
    atMost('zoom', median(zooms.slice(1)), 'ms', 1_000),
  ];
}

async function moment(page: Page, name: string): Promise<number> {
  return Number(await page.evaluate(`performance.getEntriesByName('${name}').at(-1).startTime`));
}

/** From two weeks to one, in the middle of the range. */
async function zoomMs(page: Page): Promise<number> {
  const over = await (await page.waitForSelector('.u-over'))?.boundingBox();
  if (!over) throw new Error('there is no picture to zoom into');
  const before = Number(await page.evaluate("performance.getEntriesByName('virtflow-drawn').length"));
  await page.mouse.move(over.x + over.width / 4, over.y + over.height / 2);
  await page.mouse.down();
  await page.mouse.move(over.x + over.width / 2, over.y + over.height / 2, { steps: 3 });
  await page.evaluate(
    "addEventListener('mouseup', () => performance.mark('virtflow-zoom'), { capture: true, once: true })",
  );
  await page.mouse.up();
  await page.waitForFunction(`performance.getEntriesByName('virtflow-drawn').length > ${before}`, { polling: 'raf' });
  return (await moment(page, 'virtflow-drawn')) - (await moment(page, 'virtflow-zoom'));
}

/** Writes the days as they would have been sampled. */
async function fill(path: string, log: (line: string) => void): Promise<void> {
  const engine = new DuckDbEngine({ path, memoryMiB: 512 });
  const to = Date.now() - 60_000;
  let batch: Sample[] = [];
  let written = 0;
  const write = async () => {
    const outcome = await engine.write(batch);
    if (outcome.type !== 'written') throw new Error(`the store does not take the samples: ${outcome.reason}`);
    written += batch.length;
    batch = [];
    log(`${written.toLocaleString('en')} samples are in the store`);
  };
  for (const moment of houseSamples({ hosts, vms, from: to - days * 86_400_000, to, stepMs })) {
    batch.push(...moment);
    if (batch.length >= rowsInABatch) await write();
  }
  await write();
  await engine.close();
}
