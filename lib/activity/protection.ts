import type { Snapshot, Vm } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';
import type { Operation } from '../operations/operation.ts';

/** What makes a copy of a VM to go back to: our own, and the hypervisor's tasks of others, as operations tell them. */
export const protectingActions = ['vm.snapshot', 'external.snapshot', 'external.backup'] as const;

/**
 * How long ago VMs were last protected: by a snapshot that there is, or by a snapshot or backup that somebody was seen
 * making. What was never seen is not known, and no age is told for it.
 */
export class Protection {
  readonly #madeAt = new Map<string, number>();

  /** Learns from an operation, in any order. */
  learn({ action, state, target, endedAt }: Operation): void {
    const protects = protectingActions.some((one) => one === action);
    if (!protects || state !== 'succeeded' || target.kind !== 'vm' || endedAt === null) return;
    const key = keyOf(target.connection, target.id);
    this.#madeAt.set(key, Math.max(endedAt, this.#madeAt.get(key) ?? 0));
  }

  /** A point for each VM. `known` is 0 where no snapshot and no backup is known. */
  samples(vms: readonly Vm[], snapshots: readonly Snapshot[], at: number): Sample[] {
    const own = Map.groupBy(snapshots, ({ connection, vm }) => keyOf(connection, vm));
    return vms
      .filter(({ template }) => !template)
      .map(({ connection, id, name, hostName }): Sample => {
        const key = keyOf(connection, id);
        const kept = own.get(key) ?? [];
        const latest = Math.max(this.#madeAt.get(key) ?? 0, ...kept.map(({ createdAt }) => createdAt));
        const age: Sample['fields'] = latest > 0 ? { last_snapshot_age_seconds: Math.max(0, at - latest) / 1_000 } : {};
        return {
          measurement: 'protection',
          tags: { connection, host: hostName ?? '', id, name },
          at,
          fields: { snapshots: kept.length, known: Number(latest > 0), ...age },
        };
      });
  }
}

function keyOf(connection: string, vm: string): string {
  return `${connection}/${vm}`;
}
