import type { ObjectRef } from './reference.ts';

/** InfluxDB's measurements: one for each kind of object that has figures; `pool`: sums over the hosts of a connection. */
export const measurements = ['vm', 'vm_disk', 'vm_nic', 'vm_filesystem', 'host', 'storage_pool', 'pool'] as const;
export type Measurement = (typeof measurements)[number];

/**
 * Figures of one object at one moment, as a driver read them. Gauges are values of that moment; counters only grow and
 * become rates in `lib/metrics`. Units are base units and stand in the names (`memory_used_bytes`, `cpu_seconds_total`).
 */
export interface Reading {
  readonly measurement: Measurement;
  readonly object: ObjectRef;
  readonly name: string;
  readonly host: string | null;
  /** The part of the object: a disk's target, a NIC's MAC, where a file system is mounted. */
  readonly part?: string;
  /** Target of the disk that a file system is on, where it is known. */
  readonly disk?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly gauges: Readonly<Record<string, number>>;
  readonly counters: Readonly<Record<string, number>>;
}

/**
 * What virtflow tells of itself and of what it knows: operations as they end, alerts as they change and how many fire,
 * events of hypervisors, how long ago VMs were protected. `lib/activity` makes them; no driver reads them.
 */
export const ownMeasurements = ['operation', 'alert', 'alert_count', 'event', 'protection'] as const;
export type OwnMeasurement = (typeof ownMeasurements)[number];

/** Figures of one object at one moment, ready to be stored or judged: rates instead of counters. */
export interface Sample {
  readonly measurement: Measurement | OwnMeasurement;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly fields: Readonly<Record<string, number>>;
}
