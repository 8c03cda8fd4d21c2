import type { HypervisorTask, Job } from '../../../lib/drivers/job.ts';
import type { TaskArea, TaskRecord } from '../../../lib/drivers/tasks.ts';
import { VirtflowError } from '../../../lib/model/errors.ts';
import { toDriverError } from '../error-map.ts';
import { LibvirtCode, LibvirtError } from '../rpc/index.ts';
import type { Session } from '../session.ts';
import { blockJobType } from './block-job.ts';

export interface TasksPort {
  readonly connection: string;
  readonly address: string;
  /** @throws CONNECTION_DOWN */
  session(): Session;
}

/** VIR_DOMAIN_BLOCK_JOB_ABORT_ASYNC: it answers when QEMU was told; an event says when it has stopped. */
const abortAsync = 1;

/** The jobs of a host's domains and of their disks. */
export class LibvirtTasks implements TaskArea {
  readonly #port: TasksPort;

  constructor(port: TasksPort) {
    this.#port = port;
  }

  list(): Promise<readonly TaskRecord[]> {
    return this.#on('?', async ({ tasks }) => {
      await tasks.lookAtAll();
      return tasks.book.entries().map(({ record }) => record);
    });
  }

  get(task: HypervisorTask): Promise<TaskRecord | undefined> {
    return this.#on(task.id, ({ tasks }) => tasks.find(task));
  }

  /** What is lost with the connection is looked for again by who follows. */
  follow(
    task: HypervisorTask,
    hear: (record: TaskRecord) => void,
    signal: AbortSignal,
  ): Promise<TaskRecord | undefined> {
    return this.#on(task.id, async (session) => {
      if (!(await session.tasks.find(task))) return undefined;
      const lost = session.ended.then((error) => Promise.reject(error));
      return Promise.race([session.tasks.book.follow(task, hear, signal), lost]);
    });
  }

  cancel(task: HypervisorTask, job: Job): Promise<void> {
    return this.#on(task.id, async ({ daemon, tasks }) => {
      const found = await tasks.find(task);
      if (!found) throw new VirtflowError('TASK_GONE', { name: task.id });
      const { operation, name, object, cancellable } = found;
      if (!cancellable) throw new VirtflowError('TASK_NOT_CANCELLABLE', { operation, name });
      const dom = { uuid: object.id, name };
      if (task.type !== blockJobType) await unlessOver(name, daemon.call('DOMAIN_ABORT_JOB', { dom }, { job }));
      else {
        const path = task.id.slice(task.id.indexOf('/') + 1);
        await unlessOver(name, daemon.call('DOMAIN_BLOCK_JOB_ABORT', { dom, path, flags: abortAsync }, { job }));
      }
    });
  }

  async #on<T>(name: string, act: (session: Session) => Promise<T>): Promise<T> {
    const session = this.#port.session();
    const { connection, address } = this.#port;
    try {
      return await act(session);
    } catch (error) {
      throw toDriverError(error, { connection, address, host: session.host.name, kind: 'task', name });
    }
  }
}

async function unlessOver(name: string, answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    const isOver = error instanceof LibvirtError && error.code === LibvirtCode.OPERATION_INVALID;
    throw isOver ? new VirtflowError('TASK_GONE', { name }, { cause: error }) : error;
  }
}
