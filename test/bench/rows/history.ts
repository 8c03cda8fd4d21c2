import { join } from 'node:path';
import { run } from '../../lab/command.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { plain } from '../figures.ts';
import type { Row } from '../row.ts';

const program = join(import.meta.dirname, '../processes/history.ts');
const operations = 100_000;

/** Times in ms, sizes in bytes. */
interface Measured {
  readonly heap: number;
  readonly file: number;
  readonly latest: number[];
  readonly ofObject: number[];
  readonly failed: number[];
  readonly next: number[];
}

export const history: Row = {
  id: 'history',
  title: `A history of ${operations.toLocaleString('en')} operations`,
  needs: [],
  notes: ['What a process has in memory for it beside an empty one, and how long a page of 100 takes.'],
  async measure() {
    const directory = await ownDirectory('bench-history');
    const measure = async (count: number): Promise<Measured> => {
      const args = ['--expose-gc', program, String(count), join(directory, `${count}.db`)];
      return JSON.parse(await run(process.execPath, args, { timeoutMs: 600_000 }));
    };
    const [empty, full] = [await measure(0), await measure(operations)];
    return [
      plain('memory beside an empty history, heap', [(full.heap - empty.heap) / 2 ** 20], 'MiB'),
      plain('file', [full.file / 2 ** 20], 'MiB'),
      plain('the latest 100', full.latest, 'ms'),
      plain('100 deep inside, by a cursor', full.next, 'ms'),
      plain('the latest 100 that touch one object', full.ofObject, 'ms'),
      plain('the latest 100 that failed', full.failed, 'ms'),
    ];
  },
};
