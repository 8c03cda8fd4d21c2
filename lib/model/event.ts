import type { ObjectRef } from './reference.ts';

/** What can happen to an object; the part before the dot is its kind. */
export const eventTypes = [
  'vm.defined',
  'vm.undefined',
  'vm.started',
  'vm.paused',
  'vm.resumed',
  'vm.shutting-down',
  'vm.stopped',
  'vm.suspended',
  'vm.crashed',
  'vm.rebooted',
  'vm.migrated',
  'vm.agent-connected',
  'vm.agent-disconnected',
  'vm.device-added',
  'vm.device-removed',
  'vm.device-removal-failed',
  'vm.disk-changed',
  'vm.io-error',
  'vm.watchdog',
  'vm.block-job',
  'vm.job-completed',
  'vm.memory-changed',
  'vm.changed',
  'host.connected',
  'host.disconnected',
  'host.changed',
  'network.defined',
  'network.undefined',
  'network.started',
  'network.stopped',
  'storage-pool.defined',
  'storage-pool.undefined',
  'storage-pool.started',
  'storage-pool.stopped',
  'storage-pool.refreshed',
  'snapshot.created',
  'snapshot.deleted',
  'pool.changed',
] as const;
export type EventType = (typeof eventTypes)[number];

/** Something that happened on a hypervisor, as its driver reported it. */
export interface HypervisorEvent {
  readonly type: EventType;
  /** Milliseconds since the epoch, when virtflow heard of it. */
  readonly at: number;
  readonly object: ObjectRef;
  readonly name: string;
  /** Why, in the field's words: booted, migrated, restored, shutdown, destroyed, crashed, failed … */
  readonly reason: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}
