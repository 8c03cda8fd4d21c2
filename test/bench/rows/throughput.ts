import { join } from 'node:path';
import type { Vm } from '../../../lib/model/objects.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { type Figure, plain } from '../figures.ts';
import { pauseAndResume } from '../operate.ts';
import type { Row } from '../row.ts';
import { SimulatedFleet } from '../simulator.ts';

const vmCount = 1_000;
const perRound = 2_000;

export const throughput: Row = {
  id: 'throughput',
  title: 'Operations a second, with the journal on disk',
  needs: [],
  notes: [
    `${vmCount.toLocaleString('en')} VMs of the simulator, which answers at once. So many operations are under way at any time; each has its`,
    'three transitions and its changing call on disk before anybody hears of them.',
  ],
  async measure({ rounds, log }) {
    const directory = await ownDirectory('bench-throughput');
    const fleet = await SimulatedFleet.open(vmCount, join(directory, 'state.db'), { parallel: vmCount });
    try {
      const figures: Figure[] = [];
      for (const atOnce of [1, 10, 100, 1_000]) {
        log(`${atOnce} at once`);
        const vms = fleet.inventory.list({ kind: 'vm' }).filter(({ power }) => power === 'running');
        const values: number[] = [];
        for (let round = -1; round < rounds; round += 1) values.push(await perSecond(fleet, vms, atOnce));
        figures.push(plain(`${atOnce.toLocaleString('en')} at once`, values.slice(1), '/s'));
      }
      return figures;
    } finally {
      await fleet.stop();
    }
  },
};

async function perSecond(fleet: SimulatedFleet, vms: readonly Vm[], atOnce: number): Promise<number> {
  let left = perRound / 2;
  const work = async (vm: Vm) => {
    for (; left > 0; ) {
      left -= 1;
      await pauseAndResume(fleet, vm);
    }
  };
  const start = performance.now();
  await Promise.all(vms.slice(0, atOnce).map(work));
  return perRound / ((performance.now() - start) / 1000);
}
