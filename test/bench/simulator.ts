import { ActionRegistry } from '../../lib/actions/registry.ts';
import { Connections } from '../../lib/connections/connections.ts';
import type { HypervisorConnection } from '../../lib/drivers/driver.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { Inventory } from '../../lib/inventory/inventory.ts';
import { Operations } from '../../lib/operations/operations.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { simulatorDriver } from '../../plugins/simulator/index.ts';

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/** A connection to the simulator that answers at once, its inventory, and operations with a journal on disk. */
export class SimulatedFleet {
  readonly inventory = new Inventory();
  readonly connection: HypervisorConnection;
  readonly operations: Operations;
  readonly #connections: Connections;
  readonly #store: Store;

  /** Opens it with so many VMs, and the journal at `path`. */
  static async open(vms: number, path: string): Promise<SimulatedFleet> {
    const fleet = new SimulatedFleet(vms, path);
    await fleet.connection.connected();
    return fleet;
  }

  private constructor(vms: number, path: string) {
    const drivers = new DriverRegistry();
    drivers.register(simulatorDriver);
    this.#connections = new Connections(drivers, this.inventory);
    this.#store = openSqliteStore(path);
    this.operations = new Operations({
      journal: this.#store.journal,
      actions: new ActionRegistry(),
      inventory: this.inventory,
      connections: this.#connections,
      log: silent,
    });
    this.operations.start();
    const uri = `simulator:///bench-${vms}?hosts=${Math.ceil(vms / 40)}&vms=${vms}&latencyMs=0`;
    this.connection = this.#connections.acquire({ name: 'bench', driver: 'simulator', uri }, 'bench');
  }

  async stop(): Promise<void> {
    await this.operations.stop(2_000);
    await this.#connections.stop();
    this.#store.close();
  }
}
