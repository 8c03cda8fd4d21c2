import type { Measurement } from '../model/reading.ts';

/** What a counter becomes. */
export interface CounterField {
  readonly field: string;
  /** Seconds of a resource that this gauge counts (vCPUs, CPUs): the rate is a share of all of it, from 0 to 1. */
  readonly shareOf?: string;
  /** The growth is divided by this counter's growth instead of by the time: seconds per request. */
  readonly perGrowthOf?: string;
}

/** A figure that follows from two gauges, from 0 to 1. */
export interface DerivedRatio {
  readonly field: string;
  readonly part: string;
  readonly whole: string;
}

interface MeasurementFields {
  readonly counters: Readonly<Record<string, CounterField>>;
  readonly derived: readonly DerivedRatio[];
}

const memoryUsed: DerivedRatio = { field: 'memory_used_ratio', part: 'memory_used_bytes', whole: 'memory_bytes' };
const filled: DerivedRatio = { field: 'used_ratio', part: 'used_bytes', whole: 'capacity_bytes' };

/**
 * Counter to field, for each measurement. A counter that is not named here becomes `…_per_second` in place of
 * `…_total`; gauges keep their names.
 */
export const fieldsOf: Readonly<Record<Measurement, MeasurementFields>> = {
  vm: {
    counters: {
      cpu_seconds_total: { field: 'cpu_ratio', shareOf: 'vcpus' },
      steal_seconds_total: { field: 'steal_ratio', shareOf: 'vcpus' },
    },
    derived: [memoryUsed],
  },
  vm_disk: {
    counters: {
      read_seconds_total: { field: 'read_latency_seconds', perGrowthOf: 'read_requests_total' },
      write_seconds_total: { field: 'write_latency_seconds', perGrowthOf: 'write_requests_total' },
    },
    derived: [{ field: 'allocation_ratio', part: 'allocation_bytes', whole: 'capacity_bytes' }],
  },
  vm_nic: { counters: {}, derived: [] },
  vm_filesystem: { counters: {}, derived: [filled] },
  host: {
    counters: {
      cpu_seconds_total: { field: 'cpu_ratio', shareOf: 'cpus' },
      cpu_user_seconds_total: { field: 'cpu_user_ratio', shareOf: 'cpus' },
      cpu_system_seconds_total: { field: 'cpu_system_ratio', shareOf: 'cpus' },
      cpu_iowait_seconds_total: { field: 'cpu_iowait_ratio', shareOf: 'cpus' },
      cpu_idle_seconds_total: { field: 'cpu_idle_ratio', shareOf: 'cpus' },
    },
    derived: [memoryUsed],
  },
  storage_pool: {
    counters: {},
    derived: [filled],
  },
  pool: { counters: {}, derived: [] },
};

const partTags: Readonly<Partial<Record<Measurement, string>>> = {
  vm_disk: 'disk',
  vm_nic: 'nic',
  vm_filesystem: 'mountpoint',
};

/** The tag that tells the parts of an object apart; undefined where figures are of the whole. */
export function partTagOf(measurement: Measurement): string | undefined {
  return partTags[measurement];
}

const unnamed = new Map<string, CounterField>();

export function counterField(measurement: Measurement, counter: string): CounterField {
  return fieldsOf[measurement].counters[counter] ?? plainRate(counter);
}

function plainRate(counter: string): CounterField {
  const known = unnamed.get(counter);
  if (known) return known;
  const field = { field: `${counter.replace(/_total$/, '')}_per_second` };
  unnamed.set(counter, field);
  return field;
}
