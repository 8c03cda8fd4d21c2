import type { AnyAction } from '../actions/action.ts';
import { VirtflowError } from '../model/errors.ts';
import type { Authority } from './authority.ts';
import { type Ending, failed, interrupted, nothingToDo, planned } from './ending.ts';
import { restartedBefore, waitsForConnection, wouldBeRefused, wouldWait } from './facts.ts';
import { type Candidate, type Guard, type Hold, passAll } from './guard.ts';
import type { Ledger } from './ledger.ts';
import type { LiveOperation } from './live-operation.ts';
import type { Fact, Operation } from './operation.ts';
import { emptyPlan, type Intent, intentOf, planOf } from './plan.ts';
import { within } from './waiting.ts';
import { assumed, type FreshTarget, isDone, unknownTarget, type World } from './world.ts';

export interface ArrivalParts {
  readonly world: World;
  readonly ledger: Ledger;
  readonly authority: Authority | undefined;
  readonly guards: readonly Guard[];
  readonly queuedAtMostMs: number;
}

/** The fresh target to run on and what is captured of it before. */
export interface ReadyToRun extends Pick<Intent, 'changes' | 'undo'> {
  readonly target: FreshTarget;
}

/** Or why it does not run now. */
export type Arrived = ReadyToRun | { readonly ending: Ending } | { readonly hold: Hold };

/**
 * An operation whose turn has come: waits for its connection and looks at the world again, for it may have moved. Rights
 * are asked again here, and the guards once more.
 */
export class Arrival {
  readonly #parts: ArrivalParts;

  constructor(parts: ArrivalParts) {
    this.#parts = parts;
  }

  async look(live: LiveOperation, action: AnyAction): Promise<Arrived> {
    try {
      await this.#connected(live);
      return await this.#decide(live, action);
    } catch (error) {
      return { ending: failed(error) };
    }
  }

  async #decide(live: LiveOperation, action: AnyAction): Promise<Arrived> {
    const { world, authority } = this.#parts;
    const { operation } = live;
    const { origin, parameters, target: ref, mode, assume } = live.whole;
    const target = live.target === undefined ? assumed(await world.fetch(ref), assume) : live.target;
    await authority?.authorise(origin, action, ref, target);
    if (isDone(action, target, parameters)) {
      return { ending: mode === 'plan' ? planned(emptyPlan(operation)) : nothingToDo() };
    }
    if (target === undefined) throw unknownTarget(ref);
    action.check?.({ target, parameters });
    const others = () => world.others(ref.connection);
    const intent = intentOf(action, { target, parameters }, others);
    const candidate = { operation, action, parameters, target, others };
    if (mode === 'plan') return { ending: planned(planOf(operation, intent, await this.#conditions(candidate))) };
    const { why, hold } = await passAll(this.#parts.guards, { ...candidate, moment: 'turn' });
    if (hold) return { hold };
    for (const fact of why) live.explainOnce(fact);
    return { target, changes: intent.changes, undo: intent.undo };
  }

  /** What the guards would say to a run. */
  async #conditions(candidate: Omit<Candidate, 'moment'>): Promise<readonly Fact[]> {
    try {
      const { why, hold } = await passAll(this.#parts.guards, { ...candidate, moment: 'plan' });
      return hold ? [...why, wouldWait(hold.why)] : why;
    } catch (error) {
      return [wouldBeRefused(error)];
    }
  }

  async #connected(live: LiveOperation): Promise<void> {
    const { world, ledger, queuedAtMostMs } = this.#parts;
    const { operation } = live;
    const { connection } = operation.target;
    const leftMs = (operation.releasedAt ?? operation.queuedAt) + queuedAtMostMs - Date.now();
    if (live.recovered) live.explainOnce(restartedBefore());
    if (live.recovered && leftMs <= 0) throw tooOld(operation, live.recovered, queuedAtMostMs);
    if (world.isConnected(connection)) return;
    live.target = undefined;
    ledger.record(live, { why: [...live.operation.why, waitsForConnection(connection)] }, 'progress');
    const late = () => tooOld(operation, live.recovered, queuedAtMostMs);
    await within(world.untilConnected(connection, live.signal), Math.max(leftMs, 0), late);
  }
}

function tooOld(operation: Operation, recovered: boolean, queuedAtMostMs: number): VirtflowError {
  const { connection } = operation.target;
  const reason = `it had not begun ${Math.round(queuedAtMostMs / 60_000)} minutes after it was asked for`;
  return recovered ? interrupted(operation, reason) : new VirtflowError('CONNECTION_DOWN', { connection, reason });
}
