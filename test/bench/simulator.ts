import { ActionRegistry } from '../../lib/actions/registry.ts';
import { Connections } from '../../lib/connections/connections.ts';
import type { Driver, HypervisorConnection } from '../../lib/drivers/driver.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { Inventory } from '../../lib/inventory/inventory.ts';
import { Operations } from '../../lib/operations/operations.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { simulatorDriver } from '../../plugins/simulator/index.ts';

const silent = { error() {}, warn() {}, info() {}, debug() {} };

export interface FleetOptions {
  /** How many operations run at once. */
  readonly parallel?: number;
  /** Another hypervisor than the simulator. */
  readonly driver?: Driver;
  readonly uri?: string;
}

/** A connection, to the simulator that answers at once unless told otherwise, and all that operations need. */
export class SimulatedFleet {
  readonly inventory = new Inventory();
  readonly connection: HypervisorConnection;
  readonly operations: Operations;
  readonly #connections: Connections;
  readonly #store: Store;

  /** Opens it with so many VMs, and the journal at `path`. */
  static async open(vms: number, path: string, options: FleetOptions = {}): Promise<SimulatedFleet> {
    const fleet = new SimulatedFleet(vms, path, options);
    await fleet.connection.connected();
    return fleet;
  }

  private constructor(vms: number, path: string, { parallel, driver = simulatorDriver, uri }: FleetOptions) {
    const drivers = new DriverRegistry();
    drivers.register(driver);
    this.#connections = new Connections(drivers, this.inventory);
    this.#store = openSqliteStore(path);
    this.operations = new Operations({
      journal: this.#store.journal,
      actions: new ActionRegistry(),
      inventory: this.inventory,
      connections: this.#connections,
      log: silent,
      settings: parallel === undefined ? {} : { parallelPerConnection: parallel },
    });
    this.operations.start();
    const simulated = `simulator:///bench-${vms}?hosts=${Math.ceil(vms / 40)}&vms=${vms}&latencyMs=0`;
    this.connection = this.#connections.acquire({ name: 'bench', driver: driver.id, uri: uri ?? simulated }, 'bench');
  }

  async stop(): Promise<void> {
    await this.operations.stop(2_000);
    await this.#connections.stop();
    this.#store.close();
  }
}
