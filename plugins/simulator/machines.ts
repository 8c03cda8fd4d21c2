import { hash, hashText, unit, uuidFrom } from './random.ts';
import type { WorldShape } from './settings.ts';
import type { SimulatedHost, SimulatedVm } from './simulated.ts';

const GiB = 2 ** 30;
const dayMs = 86_400_000;

export function poolId({ seed }: WorldShape): string {
  return uuidFrom(seed, 1);
}

interface Model {
  readonly name: string;
  readonly cpus: number;
  readonly sockets: number;
  readonly mhz: number;
}

const models: readonly Model[] = [
  { name: 'Intel Xeon Silver 4314', cpus: 32, sockets: 1, mhz: 2400 },
  { name: 'AMD EPYC 7343', cpus: 64, sockets: 2, mhz: 3200 },
  { name: 'AMD EPYC 7543', cpus: 128, sockets: 2, mhz: 2800 },
  { name: 'AMD EPYC 9654', cpus: 384, sockets: 2, mhz: 2400 },
];
const memorySizesGiB = [128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144];
/** vCPUs on a CPU: a busy hour still fits. */
const overcommit = 1.25;
/** So that the pool can do without one host out of three. */
const spare = 1.5;

/** As big as they must be for the VMs; where no machine is sold that is, a bigger one is made up. */
export function buildHosts(
  world: string,
  shape: WorldShape,
  vms: readonly SimulatedVm[],
  now: number,
): SimulatedHost[] {
  const { seed } = shape;
  const cpus = (sum(vms, (vm) => vm.config.vcpus.current) * spare) / overcommit / shape.hosts;
  const gib = (sum(vms, (vm) => vm.config.memoryBytes.current) * spare) / GiB / shape.hosts + 16;
  const model = models.find((one) => one.cpus >= cpus) ?? made(cpus);
  const memoryBytes = (memorySizesGiB.find((size) => size >= gib) ?? Math.ceil(gib / 1024) * 1024) * GiB;
  const digits = String(shape.hosts).length < 3 ? 2 : String(shape.hosts).length;
  return Array.from({ length: shape.hosts }, (_, index) => ({
    kind: 'host',
    id: uuidFrom(seed, 6, index),
    name: `${siteOf(world, seed)}-kvm${String(index + 1).padStart(digits, '0')}`,
    pool: poolId(shape),
    cpu: { count: model.cpus, sockets: model.sockets, model: model.name, mhz: model.mhz },
    memoryBytes,
    address: `10.20.${Math.floor(index / 200)}.${11 + (index % 200)}`,
    bootedAt: now - Math.round((40 + 160 * unit(seed, 7, index)) * dayMs),
    live: true,
    vms: new Set(),
    retiredCpuSeconds: 0,
    idleSeconds: 0,
  }));
}

function made(cpus: number): Model {
  return { name: 'Simulated CPU', cpus: Math.ceil(cpus / 128) * 128, sockets: 8, mhz: 3000 };
}

const sites = ['fra', 'ams', 'vie', 'zrh', 'cph', 'lis', 'osl', 'prg'];

function siteOf(world: string, seed: number): string {
  return sites[hash(seed, hashText(world)) % sites.length] ?? 'fra';
}

function sum<T>(things: readonly T[], of: (thing: T) => number): number {
  return things.reduce((total, thing) => total + of(thing), 0);
}
