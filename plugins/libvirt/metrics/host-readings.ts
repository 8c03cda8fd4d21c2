import type { Host, StoragePool } from '../../../lib/model/objects.ts';
import type { Reading } from '../../../lib/model/reading.ts';
import { refOf } from '../../../lib/model/reference.ts';
import { type Caller, ifSupported, inBatches, unlessGone } from '../daemon.ts';
import type { CallOptions } from '../rpc/index.ts';

const KiB = 1024;
const nanosecond = 1e-9;
/** All CPUs, all NUMA cells together (VIR_NODE_CPU_STATS_ALL_CPUS, VIR_NODE_MEMORY_STATS_ALL_CELLS). */
const all = -1;

type Figures = Readonly<Record<string, number>>;

/** Reads the host's CPU and memory. */
export async function readHostFigures(
  caller: Caller,
  host: Host,
  vmsRunning: number,
  options: CallOptions,
): Promise<Reading> {
  const [cpu, memory] = await Promise.all([cpuStats(caller, options), memoryStats(caller, options)]);
  const at = Date.now();
  return {
    measurement: 'host',
    object: refOf(host),
    name: host.name,
    host: host.name,
    at,
    gauges: { cpus: host.cpu.count, memory_bytes: host.memoryBytes, vms_running: vmsRunning, ...memoryGauges(memory) },
    counters: cpuCounters(cpu),
  };
}

/** Reads the fill of each active storage pool. */
export async function readStorageFigures(
  caller: Caller,
  host: Host,
  pools: readonly StoragePool[],
  options: CallOptions,
): Promise<Reading[]> {
  const readings = await inBatches(
    pools.filter(({ active }) => active),
    async (pool): Promise<Reading[]> => {
      const handle = { pool: { uuid: pool.id, name: pool.name } };
      const info = await unlessGone(caller.call('STORAGE_POOL_GET_INFO', handle, options));
      if (!info) return [];
      const { capacity, allocation, available } = info;
      return [
        {
          measurement: 'storage_pool',
          object: refOf(pool),
          name: pool.name,
          host: host.name,
          at: Date.now(),
          gauges: { capacity_bytes: capacity, used_bytes: allocation, available_bytes: available },
          counters: {},
        },
      ];
    },
  );
  return readings.flat();
}

async function cpuStats(caller: Caller, options: CallOptions): Promise<Figures> {
  const ask = (nparams: number) => ifSupported(caller.call('NODE_GET_CPU_STATS', { cpuNum: all, nparams }, options));
  const count = await ask(0);
  return byField(count && (await ask(count.nparams)));
}

async function memoryStats(caller: Caller, options: CallOptions): Promise<Figures> {
  const ask = (nparams: number) =>
    ifSupported(caller.call('NODE_GET_MEMORY_STATS', { cellNum: all, nparams }, options));
  const count = await ask(0);
  return byField(count && (await ask(count.nparams)));
}

function byField(stats: { readonly params: readonly { field: string; value: number }[] } | undefined): Figures {
  return Object.fromEntries((stats?.params ?? []).map(({ field, value }) => [field, value]));
}

/** `kernel` holds interrupts as well, `user` holds nice: together they are what the host was busy. */
function cpuCounters({ user, kernel, iowait, idle }: Figures): Figures {
  const busy = user === undefined || kernel === undefined ? undefined : user + kernel;
  const seconds = { cpu_user: user, cpu_system: kernel, cpu_iowait: iowait, cpu_idle: idle };
  const counters = Object.entries({ ...seconds, cpu: busy }).flatMap(([name, value]) =>
    value === undefined ? [] : [[`${name}_seconds_total`, value * nanosecond] as const],
  );
  return Object.fromEntries(counters);
}

/** Buffers and cache can be had back at once, so they do not count as used. */
function memoryGauges({ total, free, buffers = 0, cached = 0 }: Figures): Figures {
  if (total === undefined || free === undefined) return {};
  return {
    memory_bytes: total * KiB,
    memory_free_bytes: free * KiB,
    memory_used_bytes: (total - free - buffers - cached) * KiB,
  };
}
