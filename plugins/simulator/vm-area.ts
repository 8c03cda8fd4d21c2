import { type Job, stopsAtHypervisor } from '../../lib/drivers/job.ts';
import type { VmArea } from '../../lib/drivers/vms.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Vm } from '../../lib/model/objects.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type { Caller } from './caller.ts';
import { define, definitionOf, deleteVolume, undefine } from './define.ts';
import { parseDefinition } from './definition.ts';
import { restore, save, type Watcher } from './memory-image.ts';
import { forceOff, pause, reboot, reset, resume, shutdown, start } from './power.ts';
import { taskOf, vmOf } from './projection.ts';
import type { SimulatedVm } from './simulated.ts';
import { deleteSnapshot, snapshotOf, takeSnapshot } from './snapshots.ts';
import type { World } from './world.ts';

type Work<T> = (world: World, vm: SimulatedVm, broken: AbortSignal) => T | Promise<T>;

/** The calls of a connection about VMs. */
export function vmArea(connection: string, caller: Caller): VmArea {
  const change = <T>(name: string, ref: ObjectRef, job: Job, work: Work<T>) =>
    caller.changes(name, job, (world, broken) => work(world, world.vm(ref.id), broken));
  return {
    get: (ref) => caller.reads('vm.get', (world): Vm | undefined => known(connection, world, ref)),
    definition: (ref) =>
      caller.reads('vm.definition', (world) => JSON.stringify(definitionOf(world.vm(ref.id)), undefined, 2)),
    snapshots: (ref) =>
      caller.reads('vm.snapshots', (world) => {
        const vm = world.vm(ref.id);
        return vm.snapshots.map((one) => snapshotOf(connection, vm, one));
      }),
    define: async (text, job) => {
      const definition = parseDefinition(text);
      return caller.changes('vm.define', job, (world) => vmOf(connection, define(world, definition)));
    },
    start: (ref, options, job) =>
      change('vm.start', ref, job, (world, vm, broken) =>
        vm.power === 'suspended' ? restored({ world, job, broken }, vm, options) : start(world, vm, options),
      ),
    shutdown: (ref, { method }, job) =>
      change('vm.shutdown', ref, job, (world, vm) => shutdown(world, vm, method, watcherOf(job).begun)),
    reboot: (ref, { method }, job) =>
      change('vm.reboot', ref, job, (world, vm) => reboot(world, vm, method, watcherOf(job).begun)),
    reset: (ref, job) => change('vm.reset', ref, job, reset),
    pause: (ref, job) => change('vm.pause', ref, job, pause),
    resume: (ref, job) => change('vm.resume', ref, job, resume),
    suspend: (ref, job) =>
      change('vm.suspend', ref, job, (world, vm, broken) =>
        untilEnd({ world, job, broken }, (watcher) => save(world, vm, watcher)),
      ),
    restore: (ref, options, job) =>
      change('vm.restore', ref, job, (world, vm, broken) => restored({ world, job, broken }, vm, options)),
    forceOff: (ref, job) => change('vm.forceOff', ref, job, forceOff),
    snapshot: (ref, snapshot, job) =>
      change('vm.snapshot', ref, job, (world, vm) => snapshotOf(connection, vm, takeSnapshot(world, vm, snapshot))),
    deleteSnapshot: (ref, name, job) => change('vm.deleteSnapshot', ref, job, (_world, vm) => deleteSnapshot(vm, name)),
    undefine: (ref, job) => change('vm.undefine', ref, job, undefine),
    deleteDisk: ({ source }, job) => caller.changes('volume.delete', job, (world) => deleteVolume(world, source)),
  };
}

/** A call that lasts as long as a task of the world. */
interface LongCall {
  readonly world: World;
  readonly job: Job;
  readonly broken: AbortSignal;
}

function restored(call: LongCall, vm: SimulatedVm, options: { paused?: boolean; host?: string }): Promise<void> {
  return untilEnd(call, (watcher) => restore(call.world, vm, options, watcher));
}

/** Waits for a task of the world; one that can be cancelled is, when the job is stopped. */
async function untilEnd({ world, job, broken }: LongCall, begin: (watcher: Watcher) => Promise<void>): Promise<void> {
  let id = '';
  const watcher = watcherOf(job);
  const working = begin({
    ...watcher,
    begun: (task) => {
      id = task;
      watcher.begun(task);
    },
  });
  const stop = () => {
    if (broken.aborted || !stopsAtHypervisor(job)) return;
    const stopped = world.tasks.cancel(id, 'its operation was cancelled');
    const refused = `${world.tasks.get(id)?.operation} cannot be stopped`;
    job.stopped({ call: 'task.cancel', tookMs: 0, ...(stopped ? {} : { refused }) });
  };
  job.signal.addEventListener('abort', stop, { once: true });
  try {
    await working;
  } catch (error) {
    throw stopsAtHypervisor(job) && isCancelled(error) ? job.signal.reason : error;
  } finally {
    job.signal.removeEventListener('abort', stop);
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof VirtflowError && error.code === 'OPERATION_CANCELLED';
}

function known(connection: string, world: World, ref: ObjectRef): Vm | undefined {
  const vm = world.vms.get(ref.id);
  return vm && vmOf(connection, vm);
}

/** Lends a job to the world's task that works for it. */
function watcherOf(job: Job): Watcher {
  return { begun: (id) => job.follow(taskOf(id)), progress: (ratio, step) => job.progress(ratio, step) };
}
