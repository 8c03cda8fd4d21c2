import { wakeUp } from './guest.ts';
import { hostFor } from './placement.ts';
import { carry, expectState, letGo, run, stand } from './power.ts';
import type { SimulatedVm } from './simulated.ts';
import type { World } from './world.ts';

/** Whoever waits for a job of a VM. */
export interface Watcher {
  /** Aborted: the job is undone. */
  readonly cancel: AbortSignal;
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
  return runJob(world, vm, 'saving memory', watcher, {
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
  return runJob(world, vm, 'restoring memory', watcher, {
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

/** The job goes on by the world's clock, in steps; it ends when it is done, cancelled, or ended from outside. */
function runJob(world: World, vm: SimulatedVm, name: string, watcher: Watcher, outcome: Outcome): Promise<void> {
  const stepMs = Math.max(leastMs, (vm.config.memoryBytes.current / bytesPerSecond) * 1000) / steps;
  return new Promise((resolve, reject) => {
    let step = 0;
    let cancelStep = world.clock.after(stepMs, advance);
    const settle = () => {
      cancelStep();
      watcher.cancel.removeEventListener('abort', onCancel);
      vm.job = null;
    };
    const onCancel = () => {
      settle();
      outcome.undone();
      reject(watcher.cancel.reason);
    };
    const end = (reason: unknown) => {
      settle();
      reject(reason);
    };
    function advance(): void {
      step += 1;
      watcher.progress(step / steps, name);
      if (step < steps) {
        cancelStep = world.clock.after(stepMs, advance);
        return;
      }
      settle();
      try {
        resolve(outcome.done());
      } catch (error) {
        reject(error);
      }
    }
    vm.job = { name, end };
    watcher.cancel.addEventListener('abort', onCancel);
  });
}
