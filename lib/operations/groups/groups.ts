import { toVirtflowError } from '../../model/errors.ts';
import type { Log } from '../../model/log.ts';
import type { Admission } from '../admission.ts';
import { failed, stopped, timedOut } from '../ending.ts';
import type { Entrance } from '../entrance.ts';
import type { Ledger } from '../ledger.ts';
import { LiveOperation } from '../live-operation.ts';
import type { Operation, OperationRequest } from '../operation.ts';
import type { Refusals } from '../refusals.ts';
import { Throttle } from '../throttle.ts';
import { checkGroup } from './check-group.ts';
import { isRecordedInPart, shownMembers, wholeShape } from './discretion.ts';
import { type ActionMember, type GroupRequest, type GroupShape, isGroup, type Member, requestOf } from './group.ts';
import { type GroupDesk, GroupRun } from './group-run.ts';
import { newGroup } from './new-group.ts';

export interface GroupsParts {
  readonly admission: Admission;
  readonly entrance: Entrance;
  readonly refusals: Refusals;
  readonly ledger: Ledger;
  readonly live: Map<string, LiveOperation>;
  readonly operations: Pick<GroupDesk, 'finished' | 'cancel' | 'children'>;
  readonly log: Log;
  readonly progressEveryMs: number;
}

/** Operations that consist of others. They stand in no lane: their members do. */
export class Groups {
  readonly #parts: GroupsParts;
  readonly #runs = new Map<string, { readonly run: GroupRun; readonly news: Throttle }>();

  readonly #desk: GroupDesk;

  constructor(parts: GroupsParts) {
    const { operations } = parts;
    this.#parts = parts;
    this.#desk = {
      begin: (request) => this.#beginMember(request),
      beginGroup: (request) => this.#enter(request, undefined),
      finished: (id) => operations.finished(id),
      cancel: (id, by) => operations.cancel(id, by),
      children: (id) => operations.children(id),
    };
    parts.ledger.events.subscribe(({ operation }) => this.#told(operation));
  }

  /**
   * Records a group and begins with it. Members that cannot be read are refused before, and so are those that the asker
   * may not, unless the rest is to be done all the same.
   * @throws GROUP_INVALID, ACTION_UNKNOWN, TARGET_INVALID, PARAMETER_INVALID, ACCESS_DENIED, STOPPING, STORE_*
   */
  async submit(request: GroupRequest, idempotencyKey: string | undefined): Promise<Operation> {
    checkGroup(request);
    await this.#read(request, request.members);
    return this.#enter(request, idempotencyKey);
  }

  async #enter(request: GroupRequest, idempotencyKey: string | undefined): Promise<Operation> {
    const { entrance, ledger } = this.#parts;
    entrance.refuseWhenClosed();
    const members = shownMembers(request.members, (member) => this.#readMember(request, member));
    const operation = newGroup({ ...request, members });
    const confidential = isRecordedInPart(operation) ? { members: request.members } : undefined;
    const recorded = await ledger.insert(operation, idempotencyKey, confidential);
    const live = new LiveOperation(operation, false, confidential && (() => confidential));
    if (recorded === operation) this.resume(live);
    return recorded;
  }

  /** Goes on with a group, from wherever the journal says that it is. */
  resume(live: LiveOperation): void {
    const { group } = live.operation;
    this.#parts.live.set(live.id, live);
    const work = group ? this.#take(live, group) : Promise.reject(new Error('it is no group'));
    work
      .catch((error: unknown) => this.#parts.log.error(String(error)))
      .finally(() => this.#parts.live.delete(live.id));
  }

  async #take(live: LiveOperation, shape: GroupShape): Promise<void> {
    const { ledger, progressEveryMs } = this.#parts;
    const run = new GroupRun(live, wholeShape(live, shape), this.#desk);
    const news = new Throttle(progressEveryMs, () => this.#tell(live, run));
    this.#runs.set(live.id, { run, news });
    const timer = setTimeout(() => live.abort(timedOut(live.operation)), live.operation.timeoutSeconds * 1000).unref();
    try {
      await this.#begin(live);
      await ledger.end(live, await run.run());
    } catch (error) {
      const reason = live.stoppedBy;
      if (toVirtflowError(error).code === 'STOPPING') return;
      await ledger.end(live, reason ? stopped(live.operation, reason) : failed(error));
    } finally {
      clearTimeout(timer);
      news.stop();
      this.#runs.delete(live.id);
    }
  }

  async #begin(live: LiveOperation): Promise<void> {
    // Whoever asked for it hears its number first.
    await Promise.resolve();
    live.signal.throwIfAborted();
    if (live.operation.startedAt !== null) return;
    this.#parts.ledger.record(live, { state: 'running', startedAt: Date.now() }, 'started');
  }

  async #beginMember(request: OperationRequest): Promise<Operation> {
    const { entrance, refusals } = this.#parts;
    try {
      return await entrance.enter(request, undefined);
    } catch (error) {
      entrance.refuseWhenClosed();
      return refusals.record(request, toVirtflowError(error));
    }
  }

  async #read(group: GroupRequest, members: readonly Member[]): Promise<void> {
    const { origin, mode = 'run', onError } = group;
    for (const member of members) {
      if (isGroup(member)) await this.#read(group, member.group.members);
      else this.#readMember(group, member);
      if (isGroup(member) || onError === 'continue') continue;
      await this.#parts.admission.authorise({ ...requestOf(member), origin, mode });
    }
  }

  #readMember({ origin, mode = 'run' }: GroupRequest, member: ActionMember) {
    return this.#parts.admission.read({ ...requestOf(member), origin, mode });
  }

  #told(operation: Operation): void {
    const found = operation.parent === undefined ? undefined : this.#runs.get(operation.parent);
    if (!found) return;
    found.run.told(operation);
    found.news.offer();
  }

  #tell(live: LiveOperation, run: GroupRun): void {
    live.operation = { ...live.operation, progress: run.ratio };
    this.#parts.ledger.events.publish({ type: 'progress', operation: live.operation });
  }
}
