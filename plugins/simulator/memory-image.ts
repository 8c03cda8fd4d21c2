import { cancelledAtHypervisor, toVirtflowError } from '../../lib/model/errors.ts';
import { wakeUp } from './guest.ts';
import { hostFor } from './placement.ts';
import { carry, expectState, letGo, run, stand } from './power.ts';
import type { SimulatedVm } from './simulated.ts';
import type { World } from './world.ts';

/** Whoever asked for a job of a VM, and waits for it. */
export interface Watcher {
  /** Hears of the task's id before anybody else hears of the task. */
  begun(id: string): void;
  progress(ratio: number, step: string): void;
}

const bytesPerSecond = 8 * 2 ** 30;
const leastMs = 300;
const steps = 10;

/** Saves the memory of a VM and stops it. Resolves when that is done. */
export function save(world: World, vm: SimulatedVm, watcher: Watcher): Promise<void> {
  expectState(world, vm, 'running', 'paused');
  const ran = vm.power === 'running';
  if (ran) stand(world, vm);
  return runJob(world, vm, saving, watcher, {
    done: () => {
      letGo(world, vm, 'suspended');
      world.changed(vm);
      world.happened('vm.suspended', vm, 'saved');
    },
    undone: () => {
      if (ran) run(world, vm);
    },
  });
}

/** Continues a VM from its saved memory. Resolves when that is done. */
export function restore(
  world: World,
  vm: SimulatedVm,
  options: { paused?: boolean; host?: string },
  watcher: Watcher,
): Promise<void> {
  expectState(world, vm, 'suspended');
  hostFor(world, vm, options.host);
  const paused = options.paused === true;
  return runJob(world, vm, restoring, watcher, {
    done: () => {
      carry(world, vm, hostFor(world, vm, options.host), paused);
      wakeUp(world, vm);
      if (paused) vm.timer.freeze(world.clock);
      world.changed(vm);
      world.happened('vm.started', vm, 'restored');
      if (paused) world.happened('vm.paused', vm, 'restored');
    },
    undone: () => {},
  });
}

interface Outcome {
  done(): void;
  undone(): void;
}

interface Kind {
  readonly operation: string;
  readonly step: string;
  readonly cancellable: boolean;
}

const saving: Kind = { operation: 'save', step: 'saving memory', cancellable: true };
/** As libvirt has it: an incoming memory image is read to its end. */
const restoring: Kind = { operation: 'restore', step: 'restoring memory', cancellable: false };

/** The job goes on by the world's clock, in steps; it ends when it is done, cancelled, or ended from outside. */
function runJob(world: World, vm: SimulatedVm, kind: Kind, watcher: Watcher, outcome: Outcome): Promise<void> {
  const stepMs = Math.max(leastMs, (vm.config.memoryBytes.current / bytesPerSecond) * 1000) / steps;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let step = 0;
  let cancelStep = world.clock.after(stepMs, advance);
  const settle = () => {
    cancelStep();
    vm.job = null;
  };
  const cancel = (says: string) => {
    settle();
    outcome.undone();
    task.end('cancelled', says);
    reject(cancelledAtHypervisor(says));
  };
  const begun = (id: string) => watcher.begun(id);
  const task = world.tasks.begin({ vm, operation: kind.operation, begun, ...(kind.cancellable ? { cancel } : {}) });
  const end = (reason: unknown) => {
    settle();
    task.end('failed', toVirtflowError(reason).message);
    reject(reason);
  };
  function advance(): void {
    step += 1;
    task.progress(step / steps);
    watcher.progress(step / steps, kind.step);
    if (step < steps) {
      cancelStep = world.clock.after(stepMs, advance);
      return;
    }
    settle();
    try {
      outcome.done();
      task.end('succeeded');
      resolve();
    } catch (error) {
      end(error);
    }
  }
  vm.job = { name: kind.step, end };
  return promise;
}
