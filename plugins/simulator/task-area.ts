import type { HypervisorTask } from '../../lib/drivers/job.ts';
import type { TaskArea } from '../../lib/drivers/tasks.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Caller } from './caller.ts';
import { nameOf, recordOf, taskType } from './projection.ts';
import type { World } from './world.ts';
import type { SimulatedTask } from './world-tasks.ts';

/** The calls of a connection about tasks. */
export function taskArea(connection: string, caller: Caller): TaskArea {
  const record = (task: SimulatedTask | undefined) => task && recordOf(connection, task);
  return {
    list: () => caller.reads('task.list', ({ tasks }) => tasks.running().map((task) => recordOf(connection, task))),
    get: (task) => caller.reads('task.get', (world) => record(ofType(world, task))),
    follow: (task, hear, signal) =>
      caller.reads(
        'task.follow',
        async (world) =>
          record(
            ofType(world, task) &&
              (await world.tasks.follow(task.id, (now) => hear(recordOf(connection, now)), signal)),
          ),
        signal,
      ),
    cancel: (task, job) => caller.changes('task.cancel', job, (world) => cancel(world, task)),
  };
}

function ofType(world: World, task: HypervisorTask): SimulatedTask | undefined {
  return task.type === taskType ? world.tasks.get(task.id) : undefined;
}

function cancel(world: World, task: HypervisorTask): void {
  const found = ofType(world, task);
  if (found?.state !== 'running') {
    throw new VirtflowError('TASK_GONE', { name: found ? nameOf(found.vm) : task.id });
  }
  if (!world.tasks.cancel(task.id)) {
    throw new VirtflowError('TASK_NOT_CANCELLABLE', { operation: found.operation, name: nameOf(found.vm) });
  }
}
