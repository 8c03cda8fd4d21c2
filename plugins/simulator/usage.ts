import { integralsAt, minus, mixed, noParts, type Parts, partsAt, plus } from './load.ts';
import { unit } from './random.ts';
import type { Role } from './roles.ts';
import type { SimulatedVm } from './simulated.ts';

/**
 * What a VM has used since its start: counters begin at 0 with it, stand still while it is paused, and are the exact
 * integrals of its load.
 */
export interface Usage {
  readonly seed: number;
  /** When it was started, in simulated time; null while it is off. */
  startedAt: number | null;
  /** Since when it runs without a pause; null while it does not. */
  runningSince: number | null;
  /** Integrals of the load up to `runningSince`. */
  carried: Parts;
}

export function noUsage(seed: number): Usage {
  return { seed, startedAt: null, runningSince: null, carried: noParts };
}

/** The VM is started: its counters begin at 0. */
export function beginUsage(vm: SimulatedVm, now: number): void {
  vm.usage.startedAt = now;
  vm.usage.runningSince = null;
  vm.usage.carried = noParts;
}

/** Its vCPUs run. */
export function runUsage(vm: SimulatedVm, now: number): void {
  vm.usage.runningSince ??= now;
}

/** Its vCPUs stand still; the host keeps what was used. */
export function holdUsage(vm: SimulatedVm, now: number): void {
  const run = sinceLastHold(vm, now);
  if (vm.host) vm.host.retiredCpuSeconds += cpuSeconds(vm, run);
  vm.usage.carried = plus(vm.usage.carried, run);
  vm.usage.runningSince = null;
}

/** It is off. */
export function endUsage(vm: SimulatedVm, now: number): void {
  holdUsage(vm, now);
  vm.usage.startedAt = null;
}

/** Integrals of its load since it was started. */
export function usedParts(vm: SimulatedVm, now: number): Parts {
  return plus(vm.usage.carried, sinceLastHold(vm, now));
}

/** Integrals of its load that its host has not been charged with yet. */
export function sinceLastHold(vm: SimulatedVm, now: number): Parts {
  const { runningSince, seed } = vm.usage;
  if (runningSince === null) return noParts;
  const { pattern } = vm.config.role;
  return minus(integralsAt(pattern, seed, now), integralsAt(pattern, seed, runningSince));
}

/** Seconds that its vCPUs ran, of parts that were integrated. */
export function cpuSeconds(vm: SimulatedVm, parts: Parts): number {
  return mixed(vm.config.role.cpu, parts) * vm.config.vcpus.current * cpuScale(vm);
}

/** Share of its vCPUs that it uses at a moment: what its counter grows by. */
export function cpuRatio(vm: SimulatedVm, now: number): number {
  return vm.usage.runningSince === null
    ? 0
    : mixed(vm.config.role.cpu, partsAt(vm.config.role.pattern, vm.usage.seed, now)) * cpuScale(vm);
}

/** No two VMs of a role are equally busy. */
function cpuScale(vm: SimulatedVm): number {
  return 0.6 + 0.4 * unit(vm.usage.seed, 1);
}

export function trafficScale(vm: SimulatedVm): number {
  return 0.5 + unit(vm.usage.seed, 2);
}

const dayMs = 86_400_000;
const mostUsed = 0.97;

/**
 * Bytes of its memory that the guest uses. What leaks is taken until the memory is full; then the guest kills the
 * service that leaks, and it begins anew.
 */
export function memoryUsedBytes(vm: SimulatedVm, now: number): number {
  const { memory, pattern } = vm.config.role;
  const ratio = mixed(memory, partsAt(pattern, vm.usage.seed, now)) + leaked(memory, vm, now);
  return Math.round(Math.min(ratio, mostUsed) * vm.config.memoryBytes.current);
}

function leaked(memory: Role['memory'], vm: SimulatedVm, now: number): number {
  if (memory.leakPerDay === 0 || vm.usage.startedAt === null) return 0;
  const room = mostUsed - memory.constant - memory.day - memory.noise - memory.spike;
  const perDay = memory.leakPerDay * (0.7 + 0.6 * unit(vm.usage.seed, 3));
  return (((now - vm.usage.startedAt) / dayMs) * perDay) % room;
}
