import { VirtflowError } from '../../model/errors.ts';
import type { Ending } from '../ending.ts';
import type { LiveOperation } from '../live-operation.ts';
import { endStates, type Operation, type OperationRequest } from '../operation.ts';
import { Assumptions } from './assumptions.ts';
import {
  type ActionMember,
  defaultLimit,
  type GroupRequest,
  type GroupShape,
  isGroup,
  type Member,
  requestOf,
} from './group.ts';
import { groupEnding, groupStopped, outcomesOf } from './group-ending.ts';
import { groupPlan } from './group-plan.ts';
import { GroupProgress } from './group-progress.ts';
import { backwardsShape, takingBack } from './take-back.ts';

/** Where a group has its members done. */
export interface GroupDesk {
  /** Like submit, but what is refused is answered as an operation that ended as `refused`. @throws STOPPING */
  begin(request: OperationRequest): Promise<Operation>;
  beginGroup(request: GroupRequest): Promise<Operation>;
  finished(id: string): Promise<Operation>;
  cancel(id: string, by: string): Operation;
  /** The members of a group that were begun, oldest first. */
  children(id: string): readonly Operation[];
}

const rejoicing: ReadonlySet<string> = new Set(['succeeded', 'planned']);

/**
 * One group from its first member to its end. It keeps nothing of its own on disk: which members were begun the journal
 * tells, so that after a restart it goes on with the next.
 */
export class GroupRun {
  readonly #live: LiveOperation;
  readonly #shape: GroupShape;
  readonly #desk: GroupDesk;
  readonly #begun: Map<number, Operation>;
  readonly #ended = new Map<number, Operation>();
  readonly #progress: GroupProgress;
  readonly #assumptions: Assumptions | undefined;
  /** Why no more members are begun. */
  #halted: string | undefined;

  constructor(live: LiveOperation, shape: GroupShape, desk: GroupDesk) {
    this.#live = live;
    this.#shape = shape;
    this.#desk = desk;
    this.#begun = new Map(desk.children(live.id).map((child) => [child.member ?? -1, child]));
    this.#progress = new GroupProgress(shape);
    for (const child of this.#begun.values()) this.#progress.told(child);
    const plansInOrder = live.operation.mode === 'plan' && shape.order === 'sequence';
    this.#assumptions = plansInOrder ? new Assumptions() : undefined;
  }

  get ratio(): number {
    return this.#progress.ratio;
  }

  /** A member came further. */
  told(member: Operation): void {
    if (member.member !== undefined && !this.#ended.has(member.member)) this.#begun.set(member.member, member);
    this.#progress.told(member);
  }

  /** @throws STOPPING when virtflow stops; the next start goes on */
  async run(): Promise<Ending> {
    const { signal } = this.#live;
    const stop = () => this.#cancelMembers();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await Promise.all(this.#queues().map((queue) => this.#work(queue)));
    } finally {
      signal.removeEventListener('abort', stop);
    }
    return this.#end();
  }

  async #end(): Promise<Ending> {
    const { operation, stoppedBy } = this.#live;
    if (stoppedBy) return groupStopped(stoppedBy, this.#outcomes('it was stopped before'));
    if (operation.mode === 'plan') return groupPlan(this.#shape, [...this.#ended.values()]);
    const ending = groupEnding(this.#outcomes(this.#halted ?? 'it was not begun'));
    if (ending.state === 'succeeded' || this.#shape.onError !== 'roll-back') return ending;
    return this.#rollBack(ending);
  }

  #outcomes(because: string) {
    return outcomesOf(this.#shape, this.#ended, because);
  }

  /** What is to be done in order; each queue is worked off by itself, and one may stand there several times. */
  #queues(): number[][] {
    const { order, members, limit = defaultLimit } = this.#shape;
    const all = [...members.keys()];
    if (order === 'sequence') return [all];
    if (order === 'parallel') return Array.from({ length: Math.min(limit, all.length) }, () => all);
    return [...Map.groupBy(all, (index) => connectionOf(members[index])).values()];
  }

  async #work(queue: number[]): Promise<void> {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
      if (this.#live.signal.aborted || this.#halted !== undefined) return;
      const operation = await this.#member(index);
      this.#ended.set(index, operation);
      this.#assumptions?.learn(operation);
      if (!rejoicing.has(operation.state)) this.#failed(operation);
    }
  }

  #failed({ action, targetName, state, mode }: Operation): void {
    if (this.#shape.onError === 'continue' || mode === 'plan') return;
    this.#halted ??= `${action} of ${targetName} ended as ${state}`;
  }

  async #member(index: number): Promise<Operation> {
    const member = this.#shape.members[index];
    if (!member) throw new VirtflowError('INTERNAL', { reason: `the group has no member ${index}` });
    const operation = this.#begun.get(index) ?? (await this.#begin(member, index));
    this.#begun.set(index, operation);
    if (this.#live.signal.aborted) this.#cancelMember(operation);
    return endStates.has(operation.state) ? operation : this.#desk.finished(operation.id);
  }

  #begin(member: Member, index: number): Promise<Operation> {
    const { id: parent, operation } = this.#live;
    const { origin, mode = 'run' } = operation;
    const about = { origin, mode, parent, member: index, ...(member.undoes && { undoes: member.undoes }) };
    if (isGroup(member)) return this.#desk.beginGroup({ ...member.group, ...about });
    return this.#desk.begin({ ...requestOf(member), ...about, ...this.#assumed(member) });
  }

  #assumed(member: ActionMember): Pick<OperationRequest, 'assume'> {
    const assume = this.#assumptions?.of(member);
    return assume === undefined ? {} : { assume };
  }

  async #rollBack(ending: Ending): Promise<Ending> {
    const done = [...this.#ended.values()].sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
    const ways = done.map((operation) => ({ operation, way: takingBack(operation, (id) => this.#desk.children(id)) }));
    const members = ways.flatMap(({ way }) => ('member' in way ? [way.member] : []));
    const left = ways.flatMap(({ operation, way }) =>
      'none' in way && hasChanged(operation)
        ? [{ name: operation.targetName, action: operation.action, because: way.none }]
        : [],
    );
    const rollBack = await this.#takeBack(members);
    const whole = left.length === 0 && (rollBack === undefined || rollBack.state === 'succeeded');
    const result = { ...ending.result, rollBack: { operation: rollBack?.id ?? null, whole, left } };
    const cause = ending.error?.message ?? 'a member failed';
    const error = new VirtflowError(whole ? 'GROUP_ROLLED_BACK' : 'GROUP_ROLL_BACK_INCOMPLETE', { reason: cause });
    return { state: whole ? 'failed' : 'partial', result, error };
  }

  async #takeBack(members: readonly Member[]): Promise<Operation | undefined> {
    if (members.length === 0) return undefined;
    const { id: parent, operation } = this.#live;
    const member = this.#shape.members.length;
    const shape = backwardsShape(this.#shape.title, members);
    const begun =
      this.#begun.get(member) ?? (await this.#desk.beginGroup({ ...shape, origin: operation.origin, parent, member }));
    return endStates.has(begun.state) ? begun : this.#desk.finished(begun.id);
  }

  #cancelMembers(): void {
    if (this.#live.abandoned) return;
    for (const [index, operation] of this.#begun) if (!this.#ended.has(index)) this.#cancelMember(operation);
  }

  #cancelMember({ id, state }: Operation): void {
    const by = this.#live.stoppedBy?.details.principal;
    if (!endStates.has(state)) this.#desk.cancel(id, typeof by === 'string' ? by : 'its group');
  }
}

function connectionOf(member: Member | undefined): string {
  return member === undefined || isGroup(member) ? '' : member.target.connection;
}

function hasChanged({ state, result }: Operation): boolean {
  return (state === 'succeeded' || state === 'partial') && result?.changed !== false;
}
