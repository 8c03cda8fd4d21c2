import { Inventory } from '../../../lib/inventory/inventory.ts';
import { SimulatedFleet } from '../simulator.ts';

/**
 * `node --expose-gc memory.ts VMS JOURNAL` prints, as JSON and in bytes, what the process has with a simulated fleet in
 * its inventory, and how much of it an inventory takes. That is measured with a copy: the simulator's own shares parts
 * of its objects with the simulated world.
 */
async function main(vms: number, journal: string): Promise<void> {
  const fleet = await SimulatedFleet.open(vms, journal);
  const known = fleet.inventory.list({ kind: 'vm' }).length;
  if (known !== vms) throw new Error(`the inventory has ${known} VMs`);
  const heap = heapBytes();
  const resident = process.memoryUsage.rss();
  const copy = new Inventory();
  copy.apply('bench', { type: 'reset', objects: fleet.inventory.list().map((object) => structuredClone(object)) });
  const inventory = heapBytes() - heap;
  console.log(JSON.stringify({ heap, resident, inventory, objects: copy.list().length }));
  await fleet.stop();
}

function heapBytes(): number {
  // Twice: what a finaliser lets go of is garbage only then.
  for (let i = 0; i < 2; i += 1) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const [vms = '1000', journal = ''] = process.argv.slice(2);
await main(Number(vms), journal);
