import type { MetricTier } from '../../../lib/drivers/driver.ts';
import { powerNumbers } from '../../../lib/model/objects.ts';
import type { Reading } from '../../../lib/model/reading.ts';
import type { ObjectRef } from '../../../lib/model/reference.ts';
import type { DomainRecord } from '../inventory/domain-record.ts';
import { StatisticsGroup, type StatisticsLayout, type StatisticsRecord } from '../rpc/index.ts';

const { state, cpu, vcpu, balloon, block, interface: nic } = StatisticsGroup;

/** The groups of statistics that a tier of figures is made from. */
export const groupsOfTier: Readonly<Partial<Record<MetricTier, number>>> = {
  state,
  cpu: cpu | vcpu,
  memory: balloon,
  disk: block,
  network: nic,
};

/** A figure: the sum of some columns of a layout, times a factor. */
interface Figure {
  readonly name: string;
  readonly columns: readonly number[];
  readonly factor: number;
}

interface Part {
  /** Which disk or NIC it is. */
  readonly key: string;
  readonly gauges: readonly Figure[];
  readonly counters: readonly Figure[];
}

interface Plan extends Omit<Part, 'key'> {
  readonly disks: readonly Part[];
  readonly nics: readonly Part[];
}

/** Figure by key of libvirt (virConnectGetAllDomainStats), and what one of its units is in ours. */
type Table = Readonly<Record<string, readonly [key: string, factor: number]>>;

const KiB = 1024;
const nanosecond = 1e-9;

const vmGauges: Table = { vcpus: ['vcpu.current', 1], memory_bytes: ['balloon.current', KiB] };
const vmCounters: Table = { cpu_seconds_total: ['cpu.time', nanosecond] };
const diskGauges: Table = { capacity_bytes: ['capacity', 1], allocation_bytes: ['allocation', 1] };
const diskCounters: Table = {
  read_bytes_total: ['rd.bytes', 1],
  write_bytes_total: ['wr.bytes', 1],
  read_requests_total: ['rd.reqs', 1],
  write_requests_total: ['wr.reqs', 1],
  read_seconds_total: ['rd.times', nanosecond],
  write_seconds_total: ['wr.times', nanosecond],
};
const nicCounters: Table = {
  receive_bytes_total: ['rx.bytes', 1],
  transmit_bytes_total: ['tx.bytes', 1],
  receive_packets_total: ['rx.pkts', 1],
  transmit_packets_total: ['tx.pkts', 1],
  receive_errors_total: ['rx.errs', 1],
  transmit_errors_total: ['tx.errs', 1],
  receive_drops_total: ['rx.drop', 1],
  transmit_drops_total: ['tx.drop', 1],
};

// A host's domains share few layouts: looking up 20 keys for each of thousands of domains is done once for all.
const plans = new WeakMap<StatisticsLayout, Plan>();

/** Makes readings of one domain's statistics, for the tiers that were asked for. */
export function domainReadings(
  statistics: StatisticsRecord,
  record: DomainRecord,
  site: Pick<Reading, 'object' | 'host' | 'at'>,
  tiers: ReadonlySet<MetricTier>,
): Reading[] {
  const plan = planFor(statistics.layout);
  const { definition } = record;
  const common = { ...site, name: definition.name };
  const readings: Reading[] = [];
  if (tiers.has('state') || tiers.has('cpu') || tiers.has('memory')) {
    const gauges = { ...basics(record, tiers), ...figures(plan.gauges, statistics), ...guestMemory(statistics) };
    readings.push({ measurement: 'vm', ...common, gauges, counters: figures(plan.counters, statistics) });
  }
  for (const disk of plan.disks) {
    const part = statistics.text(disk.key);
    if (part !== undefined)
      readings.push({ measurement: 'vm_disk', ...common, ...partFigures(disk, part, statistics) });
  }
  for (const plannedNic of plan.nics) {
    const device = statistics.text(plannedNic.key);
    const mac = definition.nics.find(({ hostDevice }) => hostDevice === device)?.mac;
    if (mac) readings.push({ measurement: 'vm_nic', ...common, ...partFigures(plannedNic, mac, statistics) });
  }
  return readings;
}

/** The reading of a domain that is off. */
export function offReading(record: DomainRecord, site: Pick<Reading, 'object' | 'host' | 'at'>): Reading {
  const gauges = { state: powerNumbers[record.power] };
  return { measurement: 'vm', ...site, name: record.definition.name, gauges, counters: {} };
}

export function vmRef(connection: string, id: string): ObjectRef {
  return { connection, kind: 'vm', id };
}

/** What the inventory knows as well; the hypervisor's figures replace it where it tells them. */
function basics({ definition, power }: DomainRecord, tiers: ReadonlySet<MetricTier>): Record<string, number> {
  return {
    ...(tiers.has('state') ? { state: powerNumbers[power] } : {}),
    ...(tiers.has('cpu') ? { vcpus: definition.vcpus.current } : {}),
    ...(tiers.has('memory') ? { memory_bytes: definition.memoryBytes.current } : {}),
  };
}

/** What the guest itself says, where its balloon driver tells: the hypervisor sees no more than pages touched. */
function guestMemory(statistics: StatisticsRecord): Record<string, number> {
  const total = statistics.number('balloon.available');
  const available = statistics.number('balloon.usable') ?? statistics.number('balloon.unused');
  if (total === undefined || available === undefined) return {};
  return { memory_used_bytes: Math.max(0, total - available) * KiB, memory_available_bytes: available * KiB };
}

function partFigures(part: Part, name: string, statistics: StatisticsRecord) {
  return { part: name, gauges: figures(part.gauges, statistics), counters: figures(part.counters, statistics) };
}

function figures(wanted: readonly Figure[], { values }: StatisticsRecord): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { name, columns, factor } of wanted) {
    let sum = 0;
    for (const column of columns) sum += values[column] ?? 0;
    result[name] = sum * factor;
  }
  return result;
}

function planFor(layout: StatisticsLayout): Plan {
  const known = plans.get(layout);
  if (known) return known;
  const plan = {
    gauges: plannedFigures(layout, '', vmGauges),
    counters: [...plannedFigures(layout, '', vmCounters), ...stolen(layout)],
    disks: parts(layout, /^block\.\d+\.name$/, diskGauges, diskCounters),
    nics: parts(layout, /^net\.\d+\.name$/, {}, nicCounters),
  };
  plans.set(layout, plan);
  return plan;
}

function parts(layout: StatisticsLayout, nameKey: RegExp, gauges: Table, counters: Table): Part[] {
  return layout.keys
    .filter((key) => nameKey.test(key))
    .map((key) => {
      const prefix = key.slice(0, -'name'.length);
      const planned = (table: Table) => plannedFigures(layout, prefix, table);
      return { key, gauges: planned(gauges), counters: planned(counters) };
    });
}

function plannedFigures(layout: StatisticsLayout, prefix: string, table: Table): Figure[] {
  return Object.entries(table).flatMap(([name, [key, factor]]) => {
    const column = layout.column(prefix + key);
    return column === undefined ? [] : [{ name, columns: [column], factor }];
  });
}

/** `delay`: a vCPU was ready and waited for a CPU. Daemons before 7.2 tell `wait`, which says the same less exactly. */
function stolen(layout: StatisticsLayout): Figure[] {
  for (const pattern of [/^vcpu\.\d+\.delay$/, /^vcpu\.\d+\.wait$/]) {
    const columns = layout.keys.flatMap((key, column) => (pattern.test(key) ? [column] : []));
    if (columns.length > 0) return [{ name: 'steal_seconds_total', columns, factor: nanosecond }];
  }
  return [];
}
