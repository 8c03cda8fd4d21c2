import type { HypervisorConnection } from '../../../lib/drivers/driver.ts';
import { type DrivenClock, simulatorDriver } from '../../../plugins/simulator/index.ts';
import type { SimulatedVm } from '../../../plugins/simulator/simulated.ts';
import type { World } from '../../../plugins/simulator/world.ts';
import { Recorder } from '../../drivers/recorder.ts';

export interface Observed {
  readonly connection: HypervisorConnection;
  readonly recorder: Recorder;
}

/** A connection to a world, with all it told. */
export async function observe(world: World, parameters = 'latencyMs=0', name = 'sim'): Promise<Observed> {
  const recorder = new Recorder();
  const settings = { name, driver: 'simulator', uri: `simulator:///${world.name}?${parameters}` };
  const connection = simulatorDriver.connect(settings, recorder);
  connection.start();
  await connection.connected();
  return { connection, recorder };
}

/** What was told of a VM from an index on: `power`/`agent` of the inventory, and types (reasons) of events. */
export function storyOf(recorder: Recorder, vm: SimulatedVm, from = 0): string[] {
  return recorder.told.slice(from).flatMap((told) => {
    if (told.kind === 'event') return told.event.object.id === vm.id ? [`${told.event.type} ${told.event.reason}`] : [];
    if (told.kind !== 'inventory' || told.change.type !== 'put') return [];
    const { object } = told.change;
    return object.kind === 'vm' && object.id === vm.id ? [`${object.power}/${object.agent}`] : [];
  });
}

/** Lets a world run on for as long as anything in it may take. */
export function passTime(clock: DrivenClock): void {
  clock.advance(60_000);
}
