import type { ActionResult, AnyAction } from '../actions/action.ts';
import { toVirtflowError, type VirtflowError } from '../model/errors.ts';
import type { Arrival, ReadyToRun } from './arrival.ts';
import { type Ending, failed, leavesInDoubt, ranThrough, stopped, timedOut } from './ending.ts';
import { changesSent, didNotStop, shownByHypervisor, stopCameTooLate } from './facts.ts';
import type { Hold } from './guard.ts';
import type { Ledger } from './ledger.ts';
import type { LiveOperation } from './live-operation.ts';
import { Permit } from './permit.ts';
import type { Settler } from './settler.ts';
import { within } from './waiting.ts';
import type { FreshTarget, World } from './world.ts';

export interface ActionSource {
  /** @throws ACTION_UNKNOWN */
  get(id: string): AnyAction;
}

export interface RunnerSettings {
  readonly progressEveryMs: number;
  /** How long a run that was told to stop may take to come back, and the hypervisor to say what became of it. */
  readonly stopsWithinMs: number;
}

export interface RunnerParts {
  readonly world: World;
  readonly ledger: Ledger;
  readonly arrival: Arrival;
  readonly settler: Settler;
  readonly actions: ActionSource;
  readonly settings: RunnerSettings;
}

/** Takes an operation from its turn to its end. */
export class Runner {
  readonly #parts: RunnerParts;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Never rejects: whatever happens is the operation's end, unless a guard keeps it waiting: then answers the hold. */
  async take(live: LiveOperation): Promise<Hold | undefined> {
    const { ledger } = this.#parts;
    try {
      const led = await this.#lead(live);
      if ('over' in led) return led;
      await ledger.end(live, led);
    } catch (error) {
      await ledger.end(live, live.stoppedBy ? stopped(live.operation, live.stoppedBy) : failed(error));
    }
    return undefined;
  }

  /** The action of that name; undefined when there is none, or not any more. */
  action(id: string): AnyAction | undefined {
    try {
      return this.#parts.actions.get(id);
    } catch {
      return undefined;
    }
  }

  async #lead(live: LiveOperation): Promise<Ending | Hold> {
    if (live.operation.state === 'interrupted') return this.#settle(live, 'virtflow stopped while it ran');
    const action = this.#parts.actions.get(live.operation.action);
    const arrived = await this.#parts.arrival.look(live, action);
    live.signal.throwIfAborted();
    if ('ending' in arrived) return arrived.ending;
    if ('hold' in arrived) return arrived.hold;
    return this.#run(live, action, arrived);
  }

  async #run(live: LiveOperation, action: AnyAction, { target, changes, undo }: ReadyToRun): Promise<Ending> {
    const permit = new Permit(live, this.#parts.ledger, this.#parts.settings.progressEveryMs);
    permit.begin({ state: 'running', startedAt: Date.now(), changes, undo });
    const timer = setTimeout(() => live.abort(timedOut(live.operation)), live.operation.timeoutSeconds * 1000).unref();
    // What follows the run has its own time: a connection may stay down for longer than the operation was to take.
    const over = () => {
      clearTimeout(timer);
      permit.close();
    };
    try {
      const result = await this.#untilStopped(live, this.#start(live, action, target, permit)).finally(over);
      if (live.stoppedBy) live.explain(stopCameTooLate(live.stoppedBy));
      return ranThrough(result);
    } catch (error) {
      return this.#judge(live, action, toVirtflowError(error));
    }
  }

  async #start(live: LiveOperation, action: AnyAction, target: FreshTarget, job: Permit): Promise<ActionResult> {
    const { world } = this.#parts;
    const { target: ref, parameters } = live.whole;
    return action.run({
      target,
      parameters,
      job,
      connection: world.connected(ref.connection),
      until: (condition, timeoutMs) => world.until(ref, condition, timeoutMs, live.signal),
      others: () => world.others(ref.connection),
    });
  }

  /** A driver that does not come back after it was told to stop is not waited for. */
  async #untilStopped(live: LiveOperation, run: Promise<ActionResult>): Promise<ActionResult> {
    const { stopsWithinMs } = this.#parts.settings;
    const { promise, reject } = Promise.withResolvers<never>();
    let timer: NodeJS.Timeout | undefined;
    const giveUp = () => {
      live.explain(didNotStop(stopsWithinMs / 1000));
      reject(live.signal.reason);
    };
    const stop = () => {
      timer = setTimeout(giveUp, stopsWithinMs);
    };
    live.signal.addEventListener('abort', stop, { once: true });
    return Promise.race([run, promise]).finally(() => {
      live.signal.removeEventListener('abort', stop);
      clearTimeout(timer);
    });
  }

  /** What a run that threw has come to. */
  async #judge(live: LiveOperation, action: AnyAction, error: VirtflowError): Promise<Ending> {
    if (live.stoppedBy) return this.#judgeStopped(live, action, live.stoppedBy);
    if (live.operation.sent.length === 0) return failed(error);
    if (!leavesInDoubt(error)) return failed(error, changesSent(live.operation));
    const cause = error.message.replace(/\.$/, '');
    this.#parts.ledger.interrupt(live, cause);
    return this.#settle(live, cause);
  }

  async #judgeStopped(live: LiveOperation, action: AnyAction, reason: VirtflowError): Promise<Ending> {
    if (live.abandoned || live.operation.sent.length === 0) return stopped(live.operation, reason);
    const holds = await this.#holds(live, action, reason);
    if (!holds) return stopped(live.operation, reason, ...(holds === undefined ? [] : [shownByHypervisor(holds)]));
    const why = [shownByHypervisor(holds), stopCameTooLate(reason)];
    return { state: 'succeeded', result: { changed: true }, why };
  }

  async #holds(live: LiveOperation, action: AnyAction, reason: VirtflowError): Promise<boolean | undefined> {
    const { world, settings } = this.#parts;
    try {
      return await within(world.holds(live.whole, action), settings.stopsWithinMs, () => reason);
    } catch {
      return undefined;
    }
  }

  #settle(live: LiveOperation, cause: string): Promise<Ending> {
    return this.#parts.settler.settle(live, this.action(live.operation.action), cause);
  }
}
