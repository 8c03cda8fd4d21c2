import { type HypervisorTask, lasting, stopsAtHypervisor } from '../drivers/job.ts';
import { isSameTask, type TaskArea, type TaskRecord } from '../drivers/tasks.ts';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import { leavesInDoubt } from './ending.ts';
import { didNotStop, followsTask } from './facts.ts';
import type { Ledger } from './ledger.ts';
import type { LiveOperation } from './live-operation.ts';
import { Permit } from './permit.ts';
import { pause, within } from './waiting.ts';
import { answerWithinMs, type World } from './world.ts';

export interface ReattachmentSettings {
  readonly progressEveryMs: number;
  /** How long a task that was told to stop may take to do so. */
  readonly stopsWithinMs: number;
}

const askAgainMs = 1000;

/** Takes up an interrupted operation at the hypervisor's own task, and follows that to its end. */
export class Reattachment {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #settings: ReattachmentSettings;

  constructor(world: World, ledger: Ledger, settings: ReattachmentSettings) {
    this.#world = world;
    this.#ledger = ledger;
    this.#settings = settings;
  }

  /**
   * Resolves with the task's end; undefined where there is no task, or the hypervisor does not know it any more. Waits
   * for the connection as long as it takes. An operation that is cancelled meanwhile stops the task, and is told its end.
   * @throws the reason of the operation's signal
   */
  async follow(live: LiveOperation): Promise<TaskRecord | undefined> {
    const { task, target } = live.operation;
    if (!task) return undefined;
    for (;;) {
      await this.#world.untilConnected(target.connection, live.signal);
      try {
        return await this.#once(live, task);
      } catch (thrown) {
        if (live.signal.aborted) throw live.signal.reason;
        if (!leavesInDoubt(toVirtflowError(thrown))) return undefined;
        await pause(askAgainMs, live.signal);
      }
    }
  }

  async #once(live: LiveOperation, task: HypervisorTask): Promise<TaskRecord | undefined> {
    const { connection } = live.operation.target;
    const { tasks } = this.#world.connected(connection);
    const late = () => new VirtflowError('CONNECTION_DOWN', { connection, reason: 'no answer' });
    const found = await within(tasks.get(task), answerWithinMs, late);
    if (!found || !isSameTask(task, found)) return undefined;
    if (found.state !== 'running') return found;
    if (!live.operation.why.some(({ rule }) => rule === 'task-followed')) live.explain(followsTask(found));
    const permit = new Permit(live, this.#ledger, this.#settings.progressEveryMs);
    permit.progress(found.progress ?? 0, found.operation);
    try {
      return await this.#toItsEnd(live, tasks, task, permit);
    } finally {
      permit.close();
    }
  }

  async #toItsEnd(live: LiveOperation, tasks: TaskArea, task: HypervisorTask, permit: Permit) {
    const enough = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let telling: Promise<void> | undefined;
    const giveUp = () => {
      live.explain(didNotStop(this.#settings.stopsWithinMs / 1000));
      enough.abort(live.signal.reason);
    };
    const stop = () => {
      if (!stopsAtHypervisor(live)) return enough.abort(live.signal.reason);
      timer = setTimeout(giveUp, this.#settings.stopsWithinMs);
      telling = tellToStop(tasks, task, permit);
    };
    live.signal.addEventListener('abort', stop, { once: true });
    if (live.signal.aborted) stop();
    const hear = ({ progress, operation }: TaskRecord) => permit.progress(progress ?? 0, operation);
    try {
      const end = await tasks.follow(task, hear, enough.signal);
      await telling; // its answer belongs to why
      return end;
    } finally {
      live.signal.removeEventListener('abort', stop);
      clearTimeout(timer);
    }
  }
}

/** Never rejects: what the hypervisor answers is a fact of the operation. */
async function tellToStop(tasks: TaskArea, task: HypervisorTask, permit: Permit): Promise<void> {
  const begun = performance.now();
  const answer = { call: 'tasks.cancel' };
  try {
    await tasks.cancel(task, lasting(permit));
    permit.stopped({ ...answer, tookMs: performance.now() - begun });
  } catch (thrown) {
    const refused = toVirtflowError(thrown).message;
    permit.stopped({ ...answer, tookMs: performance.now() - begun, refused });
  }
}
