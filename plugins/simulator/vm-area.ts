import type { Job } from '../../lib/drivers/job.ts';
import type { VmArea } from '../../lib/drivers/vms.ts';
import type { Vm } from '../../lib/model/objects.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type { Caller } from './caller.ts';
import { define, definitionOf, deleteVolume, undefine } from './define.ts';
import { parseDefinition } from './definition.ts';
import { restore, save, type Watcher } from './memory-image.ts';
import { forceOff, pause, reboot, reset, resume, shutdown, start } from './power.ts';
import { vmOf } from './projection.ts';
import type { SimulatedVm } from './simulated.ts';
import type { World } from './world.ts';

/** The calls of a connection about VMs. */
export function vmArea(connection: string, caller: Caller): VmArea {
  const change = <T>(name: string, ref: ObjectRef, job: Job, work: (world: World, vm: SimulatedVm) => T | Promise<T>) =>
    caller.changes(name, job, (world) => work(world, world.vm(ref.id)));
  return {
    get: (ref) => caller.reads('vm.get', (world): Vm | undefined => known(connection, world, ref)),
    definition: (ref) =>
      caller.reads('vm.definition', (world) => JSON.stringify(definitionOf(world.vm(ref.id)), undefined, 2)),
    define: async (text, job) => {
      const definition = parseDefinition(text);
      return caller.changes('vm.define', job, (world) => vmOf(connection, define(world, definition)));
    },
    start: (ref, options, job) =>
      change('vm.start', ref, job, (world, vm) =>
        vm.power === 'suspended' ? restore(world, vm, options, watcherOf(job)) : start(world, vm, options),
      ),
    shutdown: (ref, { method }, job) => change('vm.shutdown', ref, job, (world, vm) => shutdown(world, vm, method)),
    reboot: (ref, { method }, job) => change('vm.reboot', ref, job, (world, vm) => reboot(world, vm, method)),
    reset: (ref, job) => change('vm.reset', ref, job, reset),
    pause: (ref, job) => change('vm.pause', ref, job, pause),
    resume: (ref, job) => change('vm.resume', ref, job, resume),
    suspend: (ref, job) => change('vm.suspend', ref, job, (world, vm) => save(world, vm, watcherOf(job))),
    restore: (ref, options, job) =>
      change('vm.restore', ref, job, (world, vm) => restore(world, vm, options, watcherOf(job))),
    forceOff: (ref, job) => change('vm.forceOff', ref, job, forceOff),
    undefine: (ref, job) => change('vm.undefine', ref, job, undefine),
    deleteDisk: ({ source }, job) => caller.changes('volume.delete', job, (world) => deleteVolume(world, source)),
  };
}

function known(connection: string, world: World, ref: ObjectRef): Vm | undefined {
  const vm = world.vms.get(ref.id);
  return vm && vmOf(connection, vm);
}

function watcherOf(job: Job): Watcher {
  return { cancel: job.signal, progress: (ratio, step) => job.progress(ratio, step) };
}
