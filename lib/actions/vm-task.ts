import Type from 'typebox';
import { type TaskRecord, taskKey } from '../drivers/tasks.ts';
import { VirtflowError } from '../model/errors.ts';
import { sameObject } from '../model/reference.ts';
import { type AnyAction, action, type Run } from './action.ts';

export const cancelTask = action({
  id: 'vm.cancel-task',
  target: 'vm',
  role: 'power-operator',
  danger: 'disruptive',
  label: 'cancel task',
  summary:
    'Stops what others began on a VM: a save, migration, backup or block job of virsh, virt-manager or XenCenter.',
  icon: 'font-awesome/fa-ban',
  parameters: Type.Object({
    task: Type.String({
      title: 'Task',
      description: "The task, as the hypervisor names it (type:id). Empty: the VM's only one.",
      maxLength: 300,
      default: '',
    }),
  }),
  needs: ['tasks.cancel'],
  timeoutSeconds: 60,
  plan: () => ({
    changes: [{ what: 'task', before: 'running', after: 'cancelled' }],
    calls: ['tasks.cancel'],
    risk: 'What the task had done until then is thrown away; whoever began it is told that it was cancelled.',
  }),
  undo: () => ({ none: 'Whoever began the task can begin it anew.' }),
  run: async (run) => {
    const { tasks } = run.connection;
    const running = theOne(await tasks.list(), run);
    if (!running.cancellable) throw new VirtflowError('TASK_NOT_CANCELLABLE', { ...running });
    const ended = tasks.follow(running.task, () => undefined, run.job.signal);
    await Promise.all([ended, tasks.cancel(running.task, run.job)]);
    return { task: running.task, operation: running.operation, state: (await ended)?.state ?? 'ended' };
  },
});

/** @throws TASK_GONE, TASK_AMBIGUOUS */
function theOne(tasks: readonly TaskRecord[], { target, parameters }: Run<'vm', { task: string }>): TaskRecord {
  const { name } = target;
  const its = tasks.filter(({ object }) => sameObject(object, target));
  const meant = parameters.task === '' ? its : its.filter(({ task }) => taskKey(task) === parameters.task);
  const [first, ...others] = meant;
  if (!first) throw new VirtflowError('TASK_GONE', { name });
  if (others.length === 0) return first;
  const names = meant.map(({ task, operation }) => `${operation} (${taskKey(task)})`);
  throw new VirtflowError('TASK_AMBIGUOUS', { name, count: meant.length, tasks: names });
}

export const taskActions: readonly AnyAction[] = [cancelTask];
