import type { HostObstacles, Obstacle } from '../../lib/drivers/obstacles.ts';
import type { ErrorCode } from '../../lib/model/catalogue.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Host, Network } from '../../lib/model/objects.ts';
import type { Caller } from './daemon.ts';
import type { DomainRecord } from './inventory/domain-record.ts';
import { readDomainRecord } from './inventory/domains.ts';
import { readHostFigures } from './metrics/host-readings.ts';

/** What is asked when a start has failed. */
export interface DiagnosisSource {
  readonly daemon: Caller;
  readonly host: Host;
  readonly networks: { records(): Iterable<Network> };
}

/** The hypervisor refused; a connection that broke, or a gate that was closed, says nothing of the host. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'HYPERVISOR_FAILED',
  'HYPERVISOR_DENIED',
  'HYPERVISOR_UNSUPPORTED',
  'RESOURCES_EXHAUSTED',
  'DEFINITION_INVALID',
  'OBJECT_UNKNOWN',
]);
const answerWithinMs = 3000;

/**
 * The error of a start that failed, with what stands against it on this host in `details.hosts`. libvirt stops at the
 * first thing that it stumbles over, and says little of memory: so the host is asked.
 */
export async function diagnosed(
  error: unknown,
  source: DiagnosisSource,
  dom: { readonly uuid: string; readonly name: string },
): Promise<unknown> {
  if (!(error instanceof VirtflowError) || !refusals.has(error.code)) return error;
  const reason = String(error.details.reason ?? '');
  // What runs has got all that it needed.
  if (/already running/i.test(reason)) return error;
  const said = saidByLibvirt(reason);
  const seen = await within(answerWithinMs, obstacles(source, dom)).catch(() => []); // it is gone: its words remain
  const known = new Set(said.map(({ what }) => what));
  const all = [...said, ...seen.filter(({ what }) => !known.has(what))];
  if (all.length === 0) return error;
  const hosts: readonly HostObstacles[] = [{ host: source.host.name, obstacles: all }];
  return new VirtflowError(error.code, { ...error.details, hosts }, { cause: error.cause });
}

async function obstacles(source: DiagnosisSource, dom: { uuid: string; name: string }): Promise<Obstacle[]> {
  const { daemon, host } = source;
  const record = await readDomainRecord(daemon, { id: dom.uuid, name: dom.name });
  if (!record) return [];
  const { gauges } = await readHostFigures(daemon, host, 0, {});
  const { memory_bytes: total = 0, memory_used_bytes: used } = gauges;
  const free = used === undefined ? Number.POSITIVE_INFINITY : total - used;
  return [...lackOfMemory(record, free), ...lackOfCpus(record, host), ...networksDown(record, source.networks)];
}

function lackOfMemory({ definition: { memoryBytes } }: DomainRecord, freeBytes: number): Obstacle[] {
  const needed = memoryBytes.current;
  if (needed <= freeBytes) return [];
  return [{ what: 'memory', says: `${gib(freeBytes)} of memory free, ${gib(needed)} needed` }];
}

/** More vCPUs than the host has CPUs can be had, so it is told only where a start has failed. */
function lackOfCpus({ definition: { vcpus } }: DomainRecord, { cpu }: Host): Obstacle[] {
  if (vcpus.maximum <= cpu.count) return [];
  return [{ what: 'cpu', says: `${cpu.count} CPUs, ${vcpus.maximum} vCPUs wanted` }];
}

function networksDown({ definition: { nics } }: DomainRecord, networks: { records(): Iterable<Network> }): Obstacle[] {
  const wanted = new Set(nics.map(({ network }) => network));
  const down = [...networks.records()].filter(({ name, active }) => !active && wanted.has(name));
  return down.map(({ name }) => ({ what: 'network', says: `the network "${name}" is not active` }));
}

/** What libvirt names itself. */
const words: readonly (readonly [RegExp, Obstacle['what']])[] = [
  [/network .*(not found|not active)|no network with/i, 'network'],
  [
    /cannot access storage|no such file or directory|storage (pool|volume)|could not open '|failed to get .*lock/i,
    'storage',
  ],
  [/cannot allocate memory|cannot set up guest memory|out of memory/i, 'memory'],
  [/cpu.*(incompatible|not supported|unsupported|requested features)|host doesn't support/i, 'cpu'],
];

function saidByLibvirt(reason: string): Obstacle[] {
  return words.filter(([pattern]) => pattern.test(reason)).map(([, what]) => ({ what, says: reason }));
}

function within<T>(timeMs: number, answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer')), timeMs);
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer));
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
