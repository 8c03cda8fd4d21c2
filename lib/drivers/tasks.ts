import type { Feed } from '../model/feed.ts';
import type { ObjectRef } from '../model/reference.ts';
import type { HypervisorTask, Job } from './job.ts';

/** `ended`: it is over, and the hypervisor does not say how; the object tells. */
export type TaskState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'ended';

/** A task of the hypervisor's, as it tells of it, whoever began it. */
export interface TaskRecord {
  readonly task: HypervisorTask;
  /** In the field's words: save, restore, migration-out, backup, block-copy, shutdown … */
  readonly operation: string;
  readonly object: ObjectRef;
  /** The object's name. */
  readonly name: string;
  readonly state: TaskState;
  /** From 0 to 1; null where the hypervisor does not tell. */
  readonly progress: number | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Whether the hypervisor lets it be stopped now. */
  readonly cancellable: boolean;
  /** What the hypervisor said of its end, where it said something. */
  readonly says: string | null;
}

/**
 * The tasks of a hypervisor: XAPI's task objects, libvirt's domain jobs and block jobs. A driver tells its observer of
 * each when it begins, when its progress changes, and when it ends; what runs already is told after each connecting. A
 * task that was begun for a job is told after `job.follow` was. All throw CONNECTION_DOWN, CONNECTION_LOST, HYPERVISOR_*.
 */
export interface TaskArea {
  /** Those that run, as the hypervisor has them now. */
  list(): Promise<readonly TaskRecord[]>;
  /** Undefined when the hypervisor does not know it, or not any more. */
  get(task: HypervisorTask): Promise<TaskRecord | undefined>;
  /**
   * Resolves with its end; undefined when the hypervisor does not know it, or not any more.
   * @throws the signal's reason
   */
  follow(
    task: HypervisorTask,
    hear: (record: TaskRecord) => void,
    signal: AbortSignal,
  ): Promise<TaskRecord | undefined>;
  /** Tells the hypervisor to stop it; `follow` tells what became of it. @throws TASK_NOT_CANCELLABLE, TASK_GONE */
  cancel(task: HypervisorTask, job: Job): Promise<void>;
}

/** Tells one task of a connection from the others. */
export function taskKey({ type, id }: HypervisorTask): string {
  return `${type}:${id}`;
}

/** How far apart the begin of a task may seem when it is asked for twice: it is reckoned from how long it has run. */
const startsWithinMs = 2000;

/** Whether what runs under a task's name is that task, and not one that began under the same name before or since. */
export function isSameTask(task: HypervisorTask, { task: found, startedAt }: TaskRecord): boolean {
  if (taskKey(task) !== taskKey(found)) return false;
  return task.since === undefined || startedAt >= task.since - startsWithinMs;
}

/**
 * Follows a task that runs, in a feed of what is told of tasks. Resolves with its end.
 * @throws the signal's reason
 */
export async function followIn<T extends { readonly state: TaskState }>(
  feed: Feed<T>,
  isIts: (told: T) => boolean,
  hear: (told: T) => void,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  const unsubscribe = feed.subscribe((told) => {
    if (!isIts(told)) return;
    if (told.state === 'running') hear(told);
    else resolve(told);
  });
  return promise.finally(() => {
    unsubscribe();
    signal.removeEventListener('abort', abort);
  });
}
