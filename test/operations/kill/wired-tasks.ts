import { setTimeout as passes } from 'node:timers/promises';
import type { HypervisorTask } from '../../../lib/drivers/job.ts';
import type { TaskArea, TaskRecord } from '../../../lib/drivers/tasks.ts';
import type { Client } from './client.ts';

const everyMs = 10;

/** The tasks of the hypervisor process; none of them can be cancelled. */
export class WiredTasks implements TaskArea {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async list(): Promise<readonly TaskRecord[]> {
    return [];
  }

  async get(task: HypervisorTask): Promise<TaskRecord | undefined> {
    const { progress } = await this.#client.ask({ ask: 'task', task: task.id });
    if (progress === undefined) return undefined;
    const object = { connection: 'lab', kind: 'vm', id: '' } as const;
    const state = progress === 1 ? 'succeeded' : 'running';
    const about = { task, operation: 'test', object, name: '', state, progress } as const;
    return { ...about, startedAt: Date.now(), cancellable: false, says: null };
  }

  async follow(
    task: HypervisorTask,
    hear: (record: TaskRecord) => void,
    signal: AbortSignal,
  ): Promise<TaskRecord | undefined> {
    for (;;) {
      const record = await this.get(task);
      if (record?.state !== 'running') return record;
      hear(record);
      await passes(everyMs, undefined, { signal });
    }
  }

  async cancel(): Promise<void> {
    throw new Error('it cannot be cancelled');
  }
}
