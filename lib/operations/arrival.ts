import type { AnyAction } from '../actions/action.ts';
import { VirtflowError } from '../model/errors.ts';
import type { Authority } from './authority.ts';
import { type Ending, failed, interrupted, nothingToDo, planned } from './ending.ts';
import { restartedBefore, waitsForConnection } from './facts.ts';
import type { Ledger } from './ledger.ts';
import type { LiveOperation } from './live-operation.ts';
import { emptyPlan, planOf } from './plan.ts';
import { within } from './waiting.ts';
import { type FreshTarget, isDone, unknownTarget, type World } from './world.ts';

/**
 * An operation whose turn has come: waits for its connection and looks at the world again, for it may have moved. Rights
 * are asked again here; so will be the governor's rules and approvals.
 */
export class Arrival {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #authority: Authority | undefined;
  readonly #queuedAtMostMs: number;

  constructor(world: World, ledger: Ledger, authority: Authority | undefined, queuedAtMostMs: number) {
    this.#world = world;
    this.#ledger = ledger;
    this.#authority = authority;
    this.#queuedAtMostMs = queuedAtMostMs;
  }

  /** Answers the fresh target to run on, or how the operation ends without a run, as a plan always does. */
  async look(live: LiveOperation, action: AnyAction): Promise<{ target: FreshTarget } | { ending: Ending }> {
    try {
      await this.#connected(live);
      const target = live.target === undefined ? await this.#world.fetch(live.operation.target) : live.target;
      const { origin, parameters, target: ref, mode } = live.operation;
      await this.#authority?.authorise(origin, action, ref, target);
      const plans = mode === 'plan';
      if (isDone(action, target, parameters)) {
        return { ending: plans ? planned(emptyPlan(live.operation)) : nothingToDo() };
      }
      if (target === undefined) throw unknownTarget(live.operation.target);
      action.check?.({ target, parameters });
      if (!plans) return { target };
      const others = this.#world.others(ref.connection);
      return { ending: planned(planOf(live.operation, action, target, others)) };
    } catch (error) {
      return { ending: failed(error) };
    }
  }

  async #connected(live: LiveOperation): Promise<void> {
    const { connection } = live.operation.target;
    const leftMs = live.operation.queuedAt + this.#queuedAtMostMs - Date.now();
    if (live.recovered) live.explain(restartedBefore());
    if (live.recovered && leftMs <= 0) throw this.#tooOld(live);
    if (this.#world.isConnected(connection)) return;
    live.target = undefined;
    this.#ledger.record(live, { why: [...live.operation.why, waitsForConnection(connection)] }, 'progress');
    await within(this.#world.untilConnected(connection, live.signal), Math.max(leftMs, 0), () => this.#tooOld(live));
  }

  #tooOld(live: LiveOperation): VirtflowError {
    const { connection } = live.operation.target;
    const minutes = Math.round(this.#queuedAtMostMs / 60_000);
    const reason = `it had not begun ${minutes} minutes after it was asked for`;
    return live.recovered
      ? interrupted(live.operation, reason)
      : new VirtflowError('CONNECTION_DOWN', { connection, reason });
  }
}
