import type { ConnectionState, HypervisorConnection, InventoryChange } from '../../../lib/drivers/driver.ts';
import type { TaskRecord } from '../../../lib/drivers/tasks.ts';
import { Inventory } from '../../../lib/inventory/inventory.ts';
import type { EventType, HypervisorEvent } from '../../../lib/model/event.ts';
import { Feed } from '../../../lib/model/feed.ts';
import type { Vm } from '../../../lib/model/objects.ts';
import { libvirtDriver } from '../../../plugins/libvirt/index.ts';

/** A connection through the driver, with all that it tells. */
export interface Watched {
  readonly connection: HypervisorConnection;
  readonly inventory: Inventory;
  readonly states: ConnectionState[];
  readonly events: HypervisorEvent[];
  readonly changes: InventoryChange[];
  readonly tasks: TaskRecord[];
  vm(name: string): Vm | undefined;
  /** Resolves at the next event of that type and name. */
  next(type: EventType, name: string): Promise<HypervisorEvent>;
  /** Resolves as soon as what is told makes the condition true. */
  until(condition: () => boolean): Promise<void>;
}

export function watch(uri: string): Watched {
  const inventory = new Inventory();
  const told = new Feed<HypervisorEvent | undefined>();
  const states: ConnectionState[] = [];
  const events: HypervisorEvent[] = [];
  const changes: InventoryChange[] = [];
  const tasks: TaskRecord[] = [];
  const connection = libvirtDriver.connect(
    { name: 'lab', driver: 'libvirt', uri },
    {
      state: (state) => {
        states.push(state);
        told.publish(undefined);
      },
      inventory: (change) => {
        inventory.apply('lab', change);
        changes.push(change);
        told.publish(undefined);
      },
      event: (event) => {
        events.push(event);
        told.publish(event);
      },
      task: (record) => {
        tasks.push(record);
        told.publish(undefined);
      },
    },
  );
  return {
    ...{ connection, inventory, states, events, changes, tasks },
    vm: (name) => inventory.list({ kind: 'vm' }).find((vm) => vm.name === name),
    next: (type, name) =>
      new Promise((resolve) => {
        const stop = told.subscribe((event) => {
          if (event?.type !== type || event.name !== name) return;
          stop();
          resolve(event);
        });
      }),
    until: (condition) =>
      new Promise((resolve) => {
        if (condition()) return resolve();
        const stop = told.subscribe(() => {
          if (!condition()) return;
          stop();
          resolve();
        });
      }),
  };
}
