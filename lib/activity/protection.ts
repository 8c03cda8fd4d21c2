import type { Clock } from '../calendar/clock.ts';
import type { HypervisorConnection } from '../drivers/driver.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Snapshot, Vm } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';
import type { ObjectRef } from '../model/reference.ts';
import type { Operation } from '../operations/operation.ts';

/** A backup that a tool of the hypervisor makes; it is nowhere to be found but in the operations. */
export const backupAction = 'external.backup';

/** After these a VM has other snapshots. */
const snapshotActions: ReadonlySet<string> = new Set([
  'vm.snapshot',
  'vm.delete-snapshot',
  'vm.prune-snapshots',
  'external.snapshot',
]);

/**
 * How long ago VMs were last protected: by a snapshot that the hypervisor has of them, whoever made it, or by a backup
 * that was seen being made. What was never seen is not known, and no age is told for it.
 */
export class Protection {
  readonly #inventory: Inventory;
  readonly #clock: Clock;
  readonly #tell: (samples: readonly Sample[]) => void;
  readonly #backups = new Map<string, number>();
  /** The connections that are being asked. */
  readonly #asked = new Set<HypervisorConnection>();

  constructor(inventory: Inventory, clock: Clock, tell: (samples: readonly Sample[]) => void) {
    this.#inventory = inventory;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Learns of a backup, in any order. True when the protection of the operation's target may be another now. */
  learn({ action, state, target, endedAt }: Operation): boolean {
    if (action !== backupAction) return snapshotActions.has(action);
    if (state !== 'succeeded' || target.kind !== 'vm' || endedAt === null) return false;
    const key = keyOf(target);
    this.#backups.set(key, Math.max(endedAt, this.#backups.get(key) ?? 0));
    return true;
  }

  /** Tells of all VMs of a connection, asked one after another: nobody waits for it. Not while the last round goes on. */
  async round(connection: HypervisorConnection): Promise<void> {
    if (this.#asked.has(connection)) return;
    this.#asked.add(connection);
    try {
      const samples: Sample[] = [];
      for (const vm of this.#inventory.list({ connection: connection.name, kind: 'vm' }))
        samples.push(...(await this.#samples(connection, vm)));
      this.#tell(samples);
    } finally {
      this.#asked.delete(connection);
    }
  }

  /** Tells of one VM. */
  async look(connection: HypervisorConnection, ref: ObjectRef): Promise<void> {
    const vm = this.#inventory.get(ref);
    if (vm?.kind === 'vm') this.#tell(await this.#samples(connection, vm));
  }

  /** None of what cannot be asked now. `known` is 0 where there is no snapshot and no backup was seen. */
  async #samples(connection: HypervisorConnection, vm: Vm): Promise<Sample[]> {
    const snapshots = vm.template ? undefined : await snapshotsOf(connection, vm);
    if (!snapshots) return [];
    const at = this.#clock.now();
    const latest = Math.max(this.#backups.get(keyOf(vm)) ?? 0, ...snapshots.map(({ createdAt }) => createdAt));
    const age: Sample['fields'] = latest > 0 ? { last_snapshot_age_seconds: Math.max(0, at - latest) / 1_000 } : {};
    return [
      {
        measurement: 'protection',
        tags: { connection: vm.connection, host: vm.hostName ?? '', id: vm.id, name: vm.name },
        at,
        fields: { snapshots: snapshots.length, known: Number(latest > 0), ...age },
      },
    ];
  }
}

/** Undefined when the hypervisor does not answer: the connection went, or the VM did. */
async function snapshotsOf(connection: HypervisorConnection, vm: Vm): Promise<readonly Snapshot[] | undefined> {
  if (!connection.capabilities.has('vm.snapshot')) return [];
  return connection.vms.snapshots(vm).catch(() => undefined);
}

function keyOf({ connection, id }: ObjectRef): string {
  return `${connection}/${id}`;
}
