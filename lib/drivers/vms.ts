import type { Snapshot, Vm } from '../model/objects.ts';
import type { ObjectRef } from '../model/reference.ts';
import type { Job } from './job.ts';

export type ShutdownMethod = 'auto' | 'agent' | 'acpi';

/** A file or volume behind a VM, and whether it may be deleted with it. */
export interface DiskToDelete {
  readonly target: string;
  readonly source: string;
}

/** A snapshot as it is asked for; hypervisors keep both words with it. */
export interface NewSnapshot {
  readonly name: string;
  readonly description: string;
}

/**
 * What can be done with a VM. Each method asks for one thing and returns when the hypervisor has accepted it, or done
 * it where its protocol waits; the inventory tells what became of it. All throw HYPERVISOR_*, OBJECT_UNKNOWN,
 * CONNECTION_DOWN, CONNECTION_LOST and what `admit` throws.
 */
export interface VmArea {
  /** Asks the hypervisor itself, not the inventory; undefined when it has no such VM. */
  get(ref: ObjectRef): Promise<Vm | undefined>;
  /** The hypervisor's own definition, without secrets. libvirt: domain XML. */
  definition(ref: ObjectRef): Promise<string>;
  /** All snapshots of a VM, whoever made them, as the hypervisor has them now. */
  snapshots(ref: ObjectRef): Promise<readonly Snapshot[]>;
  /** Makes or replaces a VM from the hypervisor's own definition. @throws DEFINITION_INVALID */
  define(definition: string, job: Job): Promise<Vm>;
  start(ref: ObjectRef, options: { paused?: boolean; host?: string }, job: Job): Promise<void>;
  /** Asks the guest to shut down. Returns when it was asked. @throws AGENT_UNAVAILABLE */
  shutdown(ref: ObjectRef, options: { method: ShutdownMethod }, job: Job): Promise<void>;
  reboot(ref: ObjectRef, options: { method: ShutdownMethod }, job: Job): Promise<void>;
  /** The reset button. */
  reset(ref: ObjectRef, job: Job): Promise<void>;
  pause(ref: ObjectRef, job: Job): Promise<void>;
  resume(ref: ObjectRef, job: Job): Promise<void>;
  /** Saves memory to disk and stops; the hypervisor keeps the image until `restore` or `start`. */
  suspend(ref: ObjectRef, job: Job): Promise<void>;
  restore(ref: ObjectRef, options: { paused?: boolean }, job: Job): Promise<void>;
  /** Cuts the power. */
  forceOff(ref: ObjectRef, job: Job): Promise<void>;
  /** Disks, and memory where it runs; it goes on afterwards. Returns when it is made. */
  snapshot(ref: ObjectRef, snapshot: NewSnapshot, job: Job): Promise<Snapshot>;
  /** Deletes one snapshot; those made after it stay. @throws OBJECT_UNKNOWN */
  deleteSnapshot(ref: ObjectRef, name: string, job: Job): Promise<void>;
  /** Removes the definition, with saved memory, snapshot metadata and firmware variables; disks stay. */
  undefine(ref: ObjectRef, job: Job): Promise<void>;
  /** Deletes one disk that no VM has any more; libvirt: the volume. @throws DISK_IN_USE */
  deleteDisk(disk: DiskToDelete, job: Job): Promise<void>;
}
