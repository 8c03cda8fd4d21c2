import type { VirtflowError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import { failed, stopped } from './ending.ts';
import { waitsForOperation } from './facts.ts';
import { type Guard, type Hold, passAll } from './guard.ts';
import { Lanes, type Obstacle, type Turn } from './lanes.ts';
import type { Ledger } from './ledger.ts';
import type { LiveOperation } from './live-operation.ts';
import type { Runner } from './runner.ts';
import type { World } from './world.ts';

export interface LineParts {
  readonly runner: Runner;
  readonly ledger: Ledger;
  readonly world: World;
  readonly guards: readonly Guard[];
  readonly live: Map<string, LiveOperation>;
  readonly log: Log;
  readonly parallelPerConnection: number;
}

/** Operations on their way to their run: kept waiting by a guard, or in the lane of their connection. */
export class Line {
  readonly #parts: LineParts;
  readonly #lanes: Lanes;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.#lanes = new Lanes(parts.parallelPerConnection);
  }

  /** A plan changes nothing: it waits for nobody, and nobody for it. */
  join(live: LiveOperation, hold: Hold | undefined): void {
    if (hold) this.#watch(live, this.#hold(live, hold));
    else if (live.operation.mode === 'plan') this.#watch(live, this.#take(live));
    else this.#queue(live);
  }

  /** It never came to the journal. */
  withdraw(live: LiveOperation): void {
    this.#lanes.remove(connectionOf(live), live.id);
    this.#parts.live.delete(live.id);
  }

  /** One that was kept waiting when the last process ended: guards are asked again what it waits for. */
  rejoin(live: LiveOperation): void {
    this.#watch(live, this.#ask(live));
  }

  /** Takes its turn at once, whatever runs: the hypervisor may be at it already. */
  resume(live: LiveOperation): void {
    this.#lanes.begin(connectionOf(live), this.#turn(live));
  }

  /** Takes it out of its lane, if it waits there; what a guard keeps ends by its signal. */
  leave(live: LiveOperation, reason: VirtflowError): void {
    const connection = connectionOf(live);
    if (!this.#lanes.isWaiting(connection, live.id)) return;
    const { ahead, behind } = this.#lanes.remove(connection, live.id);
    const next = behind === undefined ? undefined : this.#parts.live.get(behind);
    if (next) this.#waitFor(next, ahead);
    this.#watch(live, this.#end(live, reason));
    // Whoever cancels it is told that it has ended.
    this.#parts.ledger.flush();
  }

  /** What a newcomer would have to wait for. */
  obstacle(connection: string, object: string | null): Obstacle | undefined {
    return this.#lanes.obstacle(connection, object);
  }

  /** Nobody begins any more. */
  close(): void {
    this.#lanes.close();
  }

  #queue(live: LiveOperation): void {
    const connection = connectionOf(live);
    this.#lanes.add(connection, this.#turn(live));
    // Whoever has to wait looks again when the turn comes.
    if (this.#lanes.isWaiting(connection, live.id)) live.target = undefined;
  }

  #turn(live: LiveOperation): Turn {
    return { id: live.id, object: live.object, take: () => this.#take(live) };
  }

  async #take(live: LiveOperation): Promise<void> {
    if (!(await live.recorded)) return;
    const hold = await this.#parts.runner.take(live);
    if (hold) this.#watch(live, this.#hold(live, hold));
    else this.#parts.live.delete(live.id);
  }

  async #hold(live: LiveOperation, hold: Hold): Promise<void> {
    const { ledger } = this.#parts;
    if (!(await live.recorded)) return;
    live.target = undefined;
    ledger.note(live, { state: 'waiting', why: [...live.operation.why, hold.why] }, 'waiting');
    await hold.over(live.signal);
    ledger.note(live, { state: 'queued', releasedAt: Date.now() }, 'released');
    await this.#ask(live);
  }

  async #ask(live: LiveOperation): Promise<void> {
    const { guards, runner, world } = this.#parts;
    const { operation } = live;
    const { parameters } = operation;
    const action = runner.action(operation.action);
    const others = () => world.others(operation.target.connection);
    const passage =
      action && (await passAll(guards, { moment: 'asked', operation, action, parameters, target: undefined, others }));
    live.signal.throwIfAborted();
    this.join(live, passage?.hold);
  }

  /** The one it waited for is cancelled: it waits for the one before, if there is one. */
  #waitFor(live: LiveOperation, ahead: string | undefined): void {
    const others = live.operation.why.filter(({ rule }) => rule !== 'object-busy');
    const before = ahead === undefined ? undefined : this.#parts.live.get(ahead);
    live.operation = { ...live.operation, why: before ? [...others, waitsForOperation(before.operation)] : others };
  }

  #watch(live: LiveOperation, work: Promise<void>): void {
    const ended = work.catch((error: unknown) => this.#end(live, error));
    ended.catch((error: unknown) => this.#parts.log.error(String(error)));
  }

  async #end(live: LiveOperation, error: unknown): Promise<void> {
    const reason = live.stoppedBy;
    await this.#parts.ledger.end(live, reason ? stopped(live.operation, reason) : failed(error));
    this.#parts.live.delete(live.id);
  }
}

function connectionOf(live: LiveOperation): string {
  return live.operation.target.connection;
}
