import { admit } from '../../lib/drivers/gate.ts';
import type { HypervisorTask, Job } from '../../lib/drivers/job.ts';
import { followIn, type TaskArea, type TaskRecord, taskKey } from '../../lib/drivers/tasks.ts';
import { Feed } from '../../lib/model/feed.ts';

/** The tasks of a hypervisor that a test holds in its hand. */
export class TaskBoard implements TaskArea {
  readonly changes = new Feed<TaskRecord>();
  readonly cancelled: HypervisorTask[] = [];
  /** What the hypervisor does when it is told to stop a task. */
  onCancel: (task: HypervisorTask) => void = (task) => this.end(task, 'cancelled');
  /** What an answer waits for. */
  onGet: () => Promise<void> | void = () => undefined;
  readonly #records = new Map<string, TaskRecord>();

  put(record: TaskRecord): void {
    this.#records.set(taskKey(record.task), record);
    this.changes.publish(record);
  }

  progress(task: HypervisorTask, progress: number): void {
    this.#change(task, { progress });
  }

  end(task: HypervisorTask, state: TaskRecord['state'], says: string | null = null): void {
    this.#change(task, { state, says, cancellable: false });
  }

  /** The hypervisor knows nothing of it any more, and told nobody. */
  forget(task: HypervisorTask): void {
    this.#records.delete(taskKey(task));
  }

  async list(): Promise<readonly TaskRecord[]> {
    return [...this.#records.values()].filter(({ state }) => state === 'running');
  }

  async get(task: HypervisorTask): Promise<TaskRecord | undefined> {
    await this.onGet();
    return this.#records.get(taskKey(task));
  }

  async follow(
    task: HypervisorTask,
    hear: (record: TaskRecord) => void,
    signal: AbortSignal,
  ): Promise<TaskRecord | undefined> {
    const now = this.#records.get(taskKey(task));
    if (now?.state !== 'running') return now;
    return followIn(this.changes, (record) => taskKey(record.task) === taskKey(task), hear, signal);
  }

  async cancel(task: HypervisorTask, job: Job): Promise<void> {
    admit({ name: 'task.cancel', effect: 'changes' }, job);
    this.cancelled.push(task);
    this.onCancel(task);
  }

  #change(task: HypervisorTask, change: Partial<TaskRecord>): void {
    const record = this.#records.get(taskKey(task));
    if (record) this.put({ ...record, ...change });
  }
}
