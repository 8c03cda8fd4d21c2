import type { ConnectionSettings, Driver, ProbeReport } from '../../lib/drivers/driver.ts';
import { SimulatorConnection } from './connection.ts';
import { version } from './projection.ts';
import { readSettings } from './settings.ts';
import { wait } from './wait.ts';
import { openWorld } from './worlds.ts';

/** Hypervisors in memory: a pool of hosts with VMs that boot, work, fail and can be told what to do. */
export const simulatorDriver: Driver = {
  id: 'simulator',
  label: 'Simulator',

  check(settings) {
    readSettings(settings);
  },

  connect: (settings, observer) => new SimulatorConnection(settings, readSettings(settings), observer),

  probe,
};

async function probe(settings: ConnectionSettings, signal: AbortSignal): Promise<ProbeReport> {
  const { world: name, shape, wire } = readSettings(settings);
  signal.throwIfAborted();
  if (wire.latencyMs > 0) await wait(wire.latencyMs, signal);
  const world = openWorld(name, shape, settings.name);
  world.faults.beforeConnecting();
  return { hypervisor: 'Simulator', version, host: world.name, vms: world.vms.size };
}
