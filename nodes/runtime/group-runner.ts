import { VirtflowError } from '../../lib/model/errors.ts';
import { type GroupShape, isGroup, type Member } from '../../lib/operations/groups/group.ts';
import type { Operation, OperationMode, Origin } from '../../lib/operations/operation.ts';
import { type AskedTarget, type AskedWork, type Delivery, keyOfGroup } from '../../lib/runs/delivery.ts';
import { readyToBegin } from '../../lib/runs/ready.ts';
import type { LiveNode } from './define-node.ts';
import { asShown, failureOf, toFailure } from './failure.ts';
import { type Answer, Inbox, type Taken } from './inbox.ts';
import type { NodeContext } from './node-context.ts';
import { originOf } from './origin.ts';
import type { Message, Send } from './red.ts';
import { Running } from './running.ts';
import { timeOfDay } from './status.ts';

/** What a message asks for: several operations as one, or what follows from one. */
export interface AskedGroup {
  readonly work: AskedWork;
  readonly mode: OperationMode;
  readonly timeoutSeconds?: number | undefined;
  /** What it said itself, before targets were looked for. */
  readonly said: unknown;
}

/** What stands in `msg.payload`, from how the operation ended. */
type PayloadOf = (operation: Operation) => unknown;

export interface GroupNode {
  readonly read: (message: Message) => Promise<AskedGroup>;
  readonly payload: PayloadOf;
  /** The second output is there, and takes what did not wholly succeed; Catch nodes do not hear of that then. */
  readonly hasFailedOutput?: boolean;
}

/** Runs groups, and what follows from operations, for a node, and shows them beneath it. */
export class GroupRunner {
  readonly #node: NodeContext;
  readonly #about: GroupNode;
  readonly #running: Running;

  constructor(node: NodeContext, about: GroupNode) {
    this.#node = node;
    this.#about = about;
    this.#running = new Running(node);
  }

  live(): LiveNode {
    return new Inbox(this.#node, {
      read: async (message) => taken(await this.#about.read(message), message),
      perform: (delivery) => this.#perform(delivery),
      cancel: () => this.#running.cancelAll(),
    }).live();
  }

  async #perform(delivery: Delivery): Promise<Answer> {
    try {
      const operation = await this.#complete(delivery);
      return { isStopping: false, give: (message, send) => this.#answer(operation, message, send) };
    } catch (error) {
      const failure = toFailure(error);
      const give = () => {
        throw failure;
      };
      return { isStopping: failure.code === 'STOPPING', give };
    }
  }

  async #complete(delivery: Delivery): Promise<Operation> {
    const { deliveries } = this.#node.platform;
    const submitted = this.#begunBefore(delivery) ?? (await this.#begin(delivery));
    deliveries.keep(delivery.id);
    return this.#running.ended(submitted);
  }

  /** What was taken before a restart may have begun then. */
  #begunBefore({ id, run }: Delivery): Operation | undefined {
    const { deliveries, operations } = this.#node.platform;
    if (!deliveries.isResumed(id)) return undefined;
    const begun = operations.history({ run, node: this.#node.id, limit: 1000 });
    return begun.find(({ origin, parent }) => origin.delivery === id && parent === undefined);
  }

  async #begin(delivery: Delivery): Promise<Operation> {
    const { operations } = this.#node.platform;
    const { mode, timeoutSeconds, work } = delivery.ask;
    const origin = originOf(this.#node, delivery);
    if (work === undefined) throw new VirtflowError('INTERNAL', { reason: 'a group node was given an action' });
    if (work.kind !== 'group') return this.#follow(work, delivery, { origin, mode });
    await this.#untilReady(delivery, work.shape);
    const limit = timeoutSeconds === undefined ? {} : { timeoutSeconds };
    return operations.submitGroup({ ...work.shape, ...limit, mode, origin, idempotencyKey: keyOfGroup(delivery) });
  }

  async #follow(
    work: Exclude<AskedWork, { kind: 'group' }>,
    delivery: Delivery,
    sequel: { readonly origin: Origin; readonly mode: OperationMode },
  ): Promise<Operation> {
    const { operations } = this.#node.platform;
    switch (work.kind) {
      case 'retry':
        return operations.retry(work.operation, { ...sequel, idempotencyKey: keyOfGroup(delivery) });
      case 'undo':
        return operations.undo(work.operation, sequel);
      case 'undo-run':
        if (work.wait === true) await this.#untilIdle(work.run, delivery);
        return operations.undoRun(work.run, sequel);
    }
  }

  /** Waits until nothing of a run is under way any more; a restart meanwhile waits on. */
  async #untilIdle(run: string, { id }: Delivery): Promise<void> {
    const { deliveries, operations } = this.#node.platform;
    const open = operations.history({ run, states: ['queued', 'waiting', 'running', 'interrupted'], limit: 1000 });
    if (open.length === 0) return;
    deliveries.keep(id);
    await Promise.all(open.map((operation) => operations.finished(operation.id)));
  }

  /** What was taken before a restart and had not begun, begins when its connections are up. */
  async #untilReady(delivery: Delivery, shape: GroupShape): Promise<void> {
    const { connections, deliveries } = this.#node.platform;
    if (!deliveries.isResumed(delivery.id)) return;
    const targets = new Map(shape.members.flatMap(targetsOf).map((one) => [one.target.connection, one]));
    await Promise.all(
      [...targets.values()].map((target) => readyToBegin(connections, delivery, target, this.#node.signal)),
    );
  }

  /** Where some failed, the message goes on and Catch nodes hear of it as well; where all failed, they alone do. */
  #answer(operation: Operation, message: Message, send: Send): void {
    const { payload, hasFailedOutput = false } = this.#about;
    message.operation = operation;
    message.payload = payload(operation);
    this.#showEnd(operation);
    const { state } = operation;
    const isGood = state === 'succeeded' || state === 'planned';
    if (!isGood && hasFailedOutput) send([null, message]);
    else if (isGood || state === 'partial') send(message);
    if (!isGood && !hasFailedOutput) throw asShown(failureOf(operation));
  }

  #showEnd(operation: Operation): void {
    if (this.#running.size > 0) return;
    const { state, result, error } = operation;
    const [failed, count] = [numberIn(result?.failed), numberIn(result?.count)];
    if (state === 'planned') this.#end('grey', 'dot', `${this.#node.words('status.planned')} ${timeOfDay()}`);
    else if (state === 'succeeded' && count === 0) this.#end('grey', 'ring', this.#node.words('status.nothing'));
    else if (state === 'succeeded') this.#end('green', 'dot', `✓ ${timeOfDay()}`);
    else if (error?.code === 'OPERATION_PARTIAL') {
      const fill = state === 'partial' ? 'yellow' : 'red';
      this.#end(fill, 'ring', this.#node.words('status.failed', { failed, count }));
    } else this.#end('red', 'ring', error?.code ?? state);
  }

  #end(fill: 'green' | 'red' | 'yellow' | 'grey', shape: 'dot' | 'ring', text: string): void {
    this.#node.status({ fill, shape, text });
  }
}

function taken({ work, mode, timeoutSeconds, said }: AskedGroup, message: Message): Taken {
  const ask = {
    action: work.kind === 'group' ? `group.${work.shape.order}` : work.kind,
    parameters: {},
    mode,
    targets: [],
    many: false,
    work,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(typeof message.idempotencyKey === 'string' ? { key: message.idempotencyKey } : {}),
  };
  return { ask, target: said };
}

function targetsOf(member: Member): readonly AskedTarget[] {
  if (isGroup(member)) return member.group.members.flatMap(targetsOf);
  return [{ target: member.target, name: 'id' in member.target ? member.target.id : member.target.connection }];
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
