import type { ShutdownMethod } from '../../lib/drivers/vms.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { PowerState } from '../../lib/model/objects.ts';
import { askToGoDown, boot, restart } from './guest.ts';
import { hostFor } from './placement.ts';
import type { SimulatedHost, SimulatedVm } from './simulated.ts';
import { beginUsage, endUsage, holdUsage, runUsage } from './usage.ts';
import type { World } from './world.ts';

/** Refuses what a hypervisor refuses. @throws HYPERVISOR_FAILED, HYPERVISOR_BUSY */
export function expectState(world: World, vm: SimulatedVm, ...expected: readonly PowerState[]): void {
  if (vm.power === 'unknown') throw world.failed(`the host of ${vm.config.name} does not answer`);
  if (!expected.includes(vm.power)) throw world.failed(`domain is ${wrongState(vm.power, expected)}`);
  if (vm.job) throw new VirtflowError('HYPERVISOR_BUSY', { reason: `another job (${vm.job.name}) is under way` });
}

function wrongState(actual: PowerState, expected: readonly PowerState[]): string {
  if (actual === 'running') return 'already running';
  return expected.length === 1 ? `not ${expected[0]}, but ${actual}` : actual;
}

/** A VM gets vCPUs and memory on a host. `paused` leaves its vCPUs standing. */
export function carry(world: World, vm: SimulatedVm, host: SimulatedHost, paused: boolean): void {
  vm.config = vm.nextConfig ?? vm.config;
  vm.nextConfig = null;
  vm.host = host;
  host.vms.add(vm);
  vm.power = paused ? 'paused' : 'running';
  vm.agent = vm.config.hasAgent ? 'disconnected' : 'absent';
  beginUsage(vm, world.clock.now());
  if (!paused) runUsage(vm, world.clock.now());
}

/** No host carries it any more. */
export function letGo(world: World, vm: SimulatedVm, power: PowerState): void {
  endUsage(vm, world.clock.now());
  vm.host?.vms.delete(vm);
  vm.host = null;
  vm.power = power;
  vm.agent = vm.config.hasAgent ? 'disconnected' : 'absent';
  vm.phase = 'off';
  vm.asked = null;
  vm.timer.clear();
  vm.goingDown?.end('failed', 'the VM stopped before its guest had gone down');
  vm.goingDown = null;
  if (power === 'halted' && vm.nextConfig) {
    vm.config = vm.nextConfig;
    vm.nextConfig = null;
  }
}

export function start(world: World, vm: SimulatedVm, options: { paused?: boolean; host?: string }): void {
  if (vm.config.template) throw world.failed('a template cannot be started');
  expectState(world, vm, 'halted', 'crashed');
  const paused = options.paused === true;
  carry(world, vm, hostFor(world, vm, options.host), paused);
  boot(world, vm);
  if (paused) vm.timer.freeze(world.clock);
  world.changed(vm);
  world.happened('vm.started', vm, 'booted');
  if (paused) world.happened('vm.paused', vm, 'paused');
}

/** Hears of the id of a task before anybody hears of the task. */
type Begun = (id: string) => void;

/** Presses the power button, or asks the agent. */
export function shutdown(world: World, vm: SimulatedVm, method: ShutdownMethod, begun?: Begun): void {
  expectState(world, vm, 'running');
  const down = () => {
    world.happened('vm.shutting-down', vm, 'guest');
    stopped(world, vm, 'shutdown');
  };
  askToGoDown(world, vm, method, { operation: 'shutdown', down, begun });
}

export function reboot(world: World, vm: SimulatedVm, method: ShutdownMethod, begun?: Begun): void {
  expectState(world, vm, 'running');
  askToGoDown(world, vm, method, { operation: 'reboot', down: () => restart(world, vm), begun });
}

export function reset(world: World, vm: SimulatedVm): void {
  expectState(world, vm, 'running', 'paused');
  restart(world, vm);
}

export function pause(world: World, vm: SimulatedVm): void {
  expectState(world, vm, 'running');
  stand(world, vm);
}

export function resume(world: World, vm: SimulatedVm): void {
  expectState(world, vm, 'paused');
  run(world, vm);
}

/** Its vCPUs stand still. */
export function stand(world: World, vm: SimulatedVm): void {
  holdUsage(vm, world.clock.now());
  vm.timer.freeze(world.clock);
  vm.power = 'paused';
  world.changed(vm);
  world.happened('vm.paused', vm, 'paused');
}

/** Its vCPUs run on. */
export function run(world: World, vm: SimulatedVm): void {
  runUsage(vm, world.clock.now());
  vm.timer.thaw(world.clock);
  vm.power = 'running';
  world.changed(vm);
  world.happened('vm.resumed', vm, 'resumed');
}

/** Cuts the power; a job that is under way on it fails. */
export function forceOff(world: World, vm: SimulatedVm): void {
  vm.job?.end(world.failed('the power was cut'));
  expectState(world, vm, 'running', 'paused', 'crashed');
  stopped(world, vm, 'destroyed');
}

function stopped(world: World, vm: SimulatedVm, reason: string): void {
  letGo(world, vm, 'halted');
  world.changed(vm);
  world.happened('vm.stopped', vm, reason);
}
