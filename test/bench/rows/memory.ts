import { join } from 'node:path';
import { run } from '../../lab/command.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { type Figure, plain } from '../figures.ts';
import type { Row } from '../row.ts';

const program = join(import.meta.dirname, '../processes/memory.ts');
const processes = 3;

/** In bytes. */
interface Memory {
  readonly inventory: number;
  readonly heap: number;
  readonly resident: number;
}

export const memory: Row = {
  id: 'memory',
  title: 'Memory with simulated VMs in the inventory',
  needs: [],
  notes: [
    `Median of ${processes} processes. Heap: what is alive after a full collection, buffers included.`,
    'The process also holds the simulated world; with a real hypervisor that part is not there.',
  ],
  async measure() {
    return [...(await memoryOf(1_000)), ...(await memoryOf(10_000))];
  },
};

async function memoryOf(vms: number): Promise<Figure[]> {
  const directory = await ownDirectory(`bench-memory-${vms}`);
  const measured: Memory[] = [];
  for (let i = 0; i < processes; i += 1) {
    const args = ['--expose-gc', program, String(vms), join(directory, `${i}.db`)];
    measured.push(JSON.parse(await run(process.execPath, args)));
  }
  const figure = (what: string, of: (one: Memory) => number) =>
    plain(
      `${vms.toLocaleString('en')} VMs: ${what}`,
      measured.map((one) => of(one) / 2 ** 20),
      'MiB',
    );
  return [
    figure('the inventory, heap', ({ inventory }) => inventory),
    figure('whole process with the simulator, heap', ({ heap }) => heap),
    figure('whole process with the simulator, resident', ({ resident }) => resident),
  ];
}
