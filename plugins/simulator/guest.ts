import type { ShutdownMethod } from '../../lib/drivers/vms.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { unit } from './random.ts';
import type { SimulatedVm } from './simulated.ts';
import type { World } from './world.ts';

const bootMs = 2000;
const goDownMs = 3000;
/** A guest that continues from saved memory is up at once; its agent needs a moment to be seen. */
const agentReturnsMs = 200;

/** The guest begins to boot: its agent tells when it is up. */
export function boot(world: World, vm: SimulatedVm): void {
  vm.phase = 'booting';
  vm.asked = null;
  vm.timer.set(world.clock, about(vm, bootMs), () => isUp(world, vm));
}

/** The guest continues where its memory was saved. */
export function wakeUp(world: World, vm: SimulatedVm): void {
  vm.phase = 'up';
  vm.asked = null;
  vm.timer.set(world.clock, agentReturnsMs, () => isUp(world, vm));
}

function isUp(world: World, vm: SimulatedVm): void {
  vm.phase = 'up';
  if (vm.config.hasAgent && !vm.hung) agentArrives(world, vm);
  // The power button's status bit stays set until the guest's kernel looks at it.
  if (vm.asked) goDown(world, vm, vm.asked);
}

/** What a guest is asked to go down for. */
export interface GoingDown {
  readonly operation: 'shutdown' | 'reboot';
  down(): void;
  readonly begun?: ((id: string) => void) | undefined;
}

/**
 * Asks the guest to go down; `down` happens when it has. A guest may ignore it, and one that boots does it when it is
 * up. @throws AGENT_UNAVAILABLE
 */
export function askToGoDown(world: World, vm: SimulatedVm, method: ShutdownMethod, wish: GoingDown): void {
  if (method === 'agent') expectAgent(vm);
  if (vm.ignoresShutdown || vm.hung || vm.phase === 'going-down') return;
  if (vm.phase === 'booting') vm.asked = wish;
  else goDown(world, vm, wish);
}

/** It cannot be called back: a guest that goes down does so. */
function goDown(world: World, vm: SimulatedVm, { operation, down, begun }: GoingDown): void {
  vm.asked = null;
  vm.phase = 'going-down';
  const task = world.tasks.begin({ operation, vm, begun });
  vm.goingDown = task;
  vm.timer.set(world.clock, about(vm, goDownMs), () => {
    vm.goingDown = null;
    agentLeaves(world, vm);
    down();
    task.end('succeeded');
  });
}

/** The guest begins anew, and the VM runs on. */
export function restart(world: World, vm: SimulatedVm): void {
  vm.goingDown?.end('failed', 'the VM was reset before its guest had gone down');
  vm.goingDown = null;
  agentLeaves(world, vm);
  boot(world, vm);
  if (vm.power === 'paused') vm.timer.freeze(world.clock);
  world.happened('vm.rebooted', vm, null);
}

/** @throws AGENT_UNAVAILABLE */
function expectAgent(vm: SimulatedVm): void {
  const { name } = vm.config;
  if (vm.agent !== 'connected') throw new VirtflowError('AGENT_UNAVAILABLE', { name, reason: `it is ${vm.agent}` });
  if (vm.hung) throw new VirtflowError('AGENT_UNAVAILABLE', { name, reason: 'it did not answer in time' });
}

function agentArrives(world: World, vm: SimulatedVm): void {
  vm.agent = 'connected';
  world.changed(vm);
  world.happened('vm.agent-connected', vm, null);
}

function agentLeaves(world: World, vm: SimulatedVm): void {
  if (vm.agent !== 'connected') return;
  vm.agent = 'disconnected';
  world.changed(vm);
  world.happened('vm.agent-disconnected', vm, null);
}

/** No two guests are equally fast. */
function about(vm: SimulatedVm, ms: number): number {
  return Math.round(ms * (0.85 + 0.3 * unit(vm.usage.seed, 4)));
}
