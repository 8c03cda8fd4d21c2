import type { AnyAction } from '../actions/action.ts';
import type { TaskRecord } from '../drivers/tasks.ts';
import { cancelledAtHypervisor, toVirtflowError, VirtflowError } from '../model/errors.ts';
import { type Ending, failed, interrupted, leavesInDoubt, outcomeUnknown, stopped } from './ending.ts';
import { changesSent, shownByHypervisor, toldByTask } from './facts.ts';
import type { LiveOperation } from './live-operation.ts';
import type { Operation } from './operation.ts';
import type { Reattachment } from './reattachment.ts';
import { pause } from './waiting.ts';
import { type FreshTarget, isDone, type World } from './world.ts';

export interface SettlerSettings {
  /** How long a call that was sent may still take effect, after the connection is up; the operation's time ends it. */
  readonly settleWithinMs: number;
}

/** Even an operation whose time is over is watched so long: the daemon may be at its call this moment. */
const leastWatchMs = 5000;
const askAgainMs = 1000;

/**
 * Finds out how an interrupted operation ended: from the record of what was sent, then from the hypervisor's own task,
 * which is followed to its end, then from the object's state; never by guessing.
 */
export class Settler {
  readonly #world: World;
  readonly #reattachment: Reattachment;
  readonly #settings: SettlerSettings;

  constructor(world: World, reattachment: Reattachment, settings: SettlerSettings) {
    this.#world = world;
    this.#reattachment = reattachment;
    this.#settings = settings;
  }

  /** Waits for the connection as long as it takes. Rejects only when the operation is aborted. */
  async settle(live: LiveOperation, action: AnyAction | undefined, cause: string): Promise<Ending> {
    const { operation } = live;
    if (operation.sent.length === 0) return failed(interrupted(operation, cause), changesSent(operation));
    try {
      const task = await this.#reattachment.follow(live);
      if (task) live.explain(toldByTask(task));
      const ended = task && (await this.#endOfTask(live, action, task));
      if (ended) return ended;
      if (!action || !canTell(action)) return failed(outcomeUnknown(operation, cause), changesSent(operation));
      const holds = await this.#watch(live, action);
      return ending(operation, holds, cause);
    } catch (error) {
      if (live.stoppedBy) return stopped(live.operation, live.stoppedBy);
      throw error;
    }
  }

  /**
   * What the end of its task makes of an operation; undefined where the object has to be asked: it may show more than
   * the task says, and an action may be more than one task.
   */
  async #endOfTask(live: LiveOperation, action: AnyAction | undefined, task: TaskRecord): Promise<Ending | undefined> {
    const { operation, stoppedBy } = live;
    const tells = action !== undefined && canTell(action);
    if (task.state === 'succeeded') {
      return tells ? undefined : { state: 'succeeded', result: { changed: true }, why: [changesSent(operation)] };
    }
    if (task.state === 'ended' && !stoppedBy) return undefined;
    if (tells && (await this.#world.holds(operation, action))) return undefined;
    if (stoppedBy) return stopped(operation, stoppedBy);
    const { operation: what, name, says } = task;
    if (task.state === 'cancelled') return failed(cancelledAtHypervisor(), changesSent(operation));
    const reason = says ?? 'it does not say why';
    return failed(new VirtflowError('TASK_FAILED', { operation: what, name, reason }), changesSent(operation));
  }

  async #watch(live: LiveOperation, action: AnyAction): Promise<boolean | undefined> {
    const { operation, signal } = live;
    for (let deadline: number | undefined; ; await pause(askAgainMs, signal)) {
      await this.#world.untilConnected(operation.target.connection, signal);
      deadline ??= this.#deadline(operation);
      try {
        const holds = await this.#world.holds(live.whole, action);
        if (holds !== false || Date.now() >= deadline) return holds;
        const shown = (target: FreshTarget | undefined) => isDone(action, target, live.whole.parameters) === true;
        const changed = await this.#world.until(operation.target, shown, deadline - Date.now(), signal);
        if (changed && (await this.#world.holds(live.whole, action))) return true;
      } catch (error) {
        if (signal.aborted) throw error;
        if (Date.now() >= deadline && !leavesInDoubt(toVirtflowError(error))) return undefined;
      }
    }
  }

  #deadline({ startedAt, timeoutSeconds }: Operation): number {
    const now = Date.now();
    const own = (startedAt ?? now) + timeoutSeconds * 1000;
    const { settleWithinMs } = this.#settings;
    return Math.min(now + settleWithinMs, Math.max(own, now + leastWatchMs));
  }
}

function canTell(action: AnyAction): boolean {
  return action.done !== undefined || action.holds !== undefined || action.removesTarget === true;
}

function ending(operation: Operation, holds: boolean | undefined, cause: string): Ending {
  if (holds === undefined) return failed(outcomeUnknown(operation, cause), changesSent(operation));
  const why = [changesSent(operation), shownByHypervisor(holds)];
  if (holds) return { state: 'succeeded', result: { changed: true }, why };
  return failed(interrupted(operation, cause), ...why);
}
