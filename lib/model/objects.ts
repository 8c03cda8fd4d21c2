import type { ObjectRef } from './reference.ts';

/** What every object carries; flat, for selectors are written over it: `power = 'running' and 'web' in tags`. */
export interface HypervisorObject extends ObjectRef {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
}

/** A resource pool of hosts that share storage and networks (XAPI). A stand-alone libvirt host has none. */
export interface Pool extends HypervisorObject {
  readonly kind: 'pool';
  /** Id of the host that speaks for the pool; XAPI: coordinator. */
  readonly coordinator: string | null;
  readonly highAvailability: boolean;
}

export interface Host extends HypervisorObject {
  readonly kind: 'host';
  readonly pool: string | null;
  /** Whether it answers. */
  readonly live: boolean;
  /** Whether it takes new guests; false in maintenance. */
  readonly enabled: boolean;
  readonly cpu: { readonly count: number; readonly sockets: number; readonly model: string; readonly mhz: number };
  readonly memoryBytes: number;
  readonly hypervisor: { readonly name: string; readonly version: string };
  readonly address: string | null;
}

/**
 * `suspended`: its memory is saved on disk and no host carries it (libvirt: shut off with a managed save image).
 * `unknown`: the host that knows does not answer.
 */
export type PowerState = 'running' | 'paused' | 'halted' | 'suspended' | 'crashed' | 'unknown';

/** Power as the figure `state` of the measurement `vm`. */
export const powerNumbers: Readonly<Record<PowerState, number>> = {
  halted: 0,
  running: 1,
  paused: 2,
  suspended: 3,
  crashed: 4,
  unknown: 5,
};
const powerStates = new Map(Object.entries(powerNumbers).map(([power, number]) => [number, power as PowerState]));

/** Undefined for a number that stands for none. */
export function powerOfNumber(number: number): PowerState | undefined {
  return powerStates.get(number);
}

export interface Vm extends HypervisorObject {
  readonly kind: 'vm';
  readonly power: PowerState;
  /** Id and name of the host that carries it, or would on libvirt; null while halted in a pool. */
  readonly host: string | null;
  readonly hostName: string | null;
  readonly vcpus: { readonly current: number; readonly maximum: number };
  readonly memoryBytes: { readonly current: number; readonly maximum: number };
  /** Whether the hypervisor keeps its definition when it is off. */
  readonly persistent: boolean;
  readonly autostart: boolean;
  readonly template: boolean;
  readonly agent: 'connected' | 'disconnected' | 'absent' | 'unknown';
  readonly disks: readonly Disk[];
  readonly nics: readonly Nic[];
}

/** A disk or drive as the VM sees it. */
export interface Disk {
  /** The guest's or hypervisor's name of the slot: vda, sdb, xvda. */
  readonly target: string;
  readonly device: 'disk' | 'cdrom' | 'floppy' | 'lun';
  /** Path, URL or volume that backs it; null when empty. */
  readonly source: string | null;
  readonly readOnly: boolean;
  readonly shareable: boolean;
}

export interface Nic {
  readonly mac: string;
  /** Name of the network, bridge or device behind it. */
  readonly network: string | null;
  readonly model: string | null;
}

export interface Snapshot extends HypervisorObject {
  readonly kind: 'snapshot';
  readonly vm: string;
  readonly parent: string | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly withMemory: boolean;
}

export interface StoragePool extends HypervisorObject {
  readonly kind: 'storage-pool';
  /** dir, logical, rbd, nfs, lvm …: the hypervisor's own word. */
  readonly type: string;
  readonly active: boolean;
  readonly shared: boolean;
  readonly capacityBytes: number;
  readonly usedBytes: number;
}

export interface Volume extends HypervisorObject {
  readonly kind: 'volume';
  readonly pool: string;
  readonly path: string | null;
  readonly format: string;
  readonly capacityBytes: number;
  readonly usedBytes: number;
}

export interface Network extends HypervisorObject {
  readonly kind: 'network';
  readonly active: boolean;
  readonly bridge: string | null;
}

export type AnyObject = Pool | Host | Vm | Snapshot | StoragePool | Volume | Network;
/** The kinds that the inventory holds; disks and NICs are parts of their VM. */
export type InventoryKind = AnyObject['kind'];
export type ObjectOf<K extends InventoryKind> = Extract<AnyObject, { kind: K }>;
