import type { AnyAction } from '../../lib/actions/action.ts';
import { type ErrorRecord, VirtflowError } from '../../lib/model/errors.ts';
import {
  endStates,
  type Operation,
  type OperationEvent,
  type OperationMode,
  type OperationRequest,
} from '../../lib/operations/operation.ts';
import { type Ask, type AskedTarget, type Delivery, keyOf } from '../../lib/runs/delivery.ts';
import { markOf, markProperty } from '../../lib/runs/mark.ts';
import type { Arrival } from '../../lib/runs/open-delivery.ts';
import { readyToBegin } from '../../lib/runs/ready.ts';
import type { LiveNode } from './define-node.ts';
import { NodeFailure, toFailure } from './failure.ts';
import { KeptMessages } from './kept-messages.ts';
import type { NodeContext } from './node-context.ts';
import type { Message, Send } from './red.ts';
import { timeOfDay } from './status.ts';
import { findTargets } from './targets.ts';
import { accountsItself } from './traffic.ts';

/** What a message asks for. */
export interface Asked {
  readonly action: AnyAction;
  readonly target: unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number | undefined;
  readonly mode: OperationMode;
  readonly approval: OperationRequest['approval'];
  /** Routine: lists leave it out. */
  readonly quiet: boolean;
}

type Asking = (message: Message) => Asked | Promise<Asked>;

/** One target's part of the answer. */
export interface TargetOutcome {
  readonly target: OperationRequest['target'];
  readonly name: string;
  readonly ok: boolean;
  readonly result?: Operation['result'];
  readonly error?: ErrorRecord;
}

interface Outcome extends Omit<TargetOutcome, 'error'> {
  readonly operation: Operation | null;
  readonly error?: NodeFailure;
}

/**
 * Runs what messages ask of one node, side by side, and shows it beneath the node. A message that was taken is sent on
 * even when the process dies meanwhile: the node that is opened at the next start goes on with it.
 */
export class ActionRunner {
  readonly #node: NodeContext;
  readonly #messages: KeptMessages;
  readonly #running = new Map<string, Operation>();
  /** Messages that were taken in a life before. */
  readonly #resumed = new WeakMap<Message, Delivery>();

  constructor(node: NodeContext) {
    this.#node = node;
    this.#messages = new KeptMessages(node);
    accountsItself(node.id, node.signal);
    node.listen(node.platform.operations.events, (event) => this.#follow(event));
    node.takeUp((delivery) => {
      const message = this.#messages.read(delivery.message);
      this.#resumed.set(message, delivery);
      node.receive(message);
    });
  }

  /** The node that asks for what `ask` reads from a message. */
  live(ask: Asking): LiveNode {
    return {
      input: (message, send) =>
        message.cancel === true ? this.#cancelAll() : this.#receive(message, send, () => ask(message)),
      close: () => this.#node.platform.deliveries.putDown(this.#node.id),
    };
  }

  async #receive(message: Message, send: Send, ask: () => Asked | Promise<Asked>): Promise<void> {
    const { deliveries } = this.#node.platform;
    const resumed = this.#resumed.get(message);
    if (resumed) return this.#deliver(resumed, message, send);
    // From here on what the message came from stays on disk; what a stop breaks off is sent again at the next start.
    const arrival = deliveries.arrive(markOf(message), this.#node.id);
    try {
      const delivery = await this.#accept(arrival, message, await ask());
      if (delivery) await this.#deliver(delivery, message, send);
    } finally {
      if (!this.#node.signal.aborted) setImmediate(() => deliveries.over(arrival));
    }
  }

  async #accept(arrival: Arrival, message: Message, asked: Asked): Promise<Delivery | undefined> {
    const { platform, signal } = this.#node;
    const { all: targets, many } = await findTargets(platform, asked.action, asked.target);
    if (signal.aborted) return undefined;
    const { action, parameters, timeoutSeconds, mode, approval, quiet } = asked;
    const ask: Ask = {
      action: action.id,
      parameters,
      mode,
      targets,
      many,
      ...(quiet ? { quiet } : {}),
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      ...(approval === undefined ? {} : { approval }),
      ...(typeof message.idempotencyKey === 'string' ? { key: message.idempotencyKey } : {}),
    };
    return platform.deliveries.accept(arrival, this.#messages.write(message), ask, asked.target);
  }

  /**
   * Answers a message: one target with its result, several with a list, in which each tells whether it succeeded.
   * Where some failed, the message goes on and Catch nodes hear of it as well; where all failed, they alone do.
   */
  async #deliver(delivery: Delivery, message: Message, send: Send): Promise<void> {
    const { deliveries } = this.#node.platform;
    const { targets, many } = delivery.ask;
    const outcomes = await Promise.all(targets.map((wanted) => this.#runOne(delivery, wanted)));
    if (this.#node.signal.aborted) return;
    const isKept = deliveries.isKept(delivery.id);
    if (isKept && outcomes.some(isStopping)) return;
    if (isKept) message[markProperty] = { run: delivery.run, delivery: delivery.id };
    try {
      if (many || outcomes.length !== 1) this.#answerMany(outcomes, message, send);
      else this.#answerOne(outcomes[0], message, send);
    } finally {
      // By then what was sent, or what Catch nodes were told, is on its way.
      setImmediate(() => deliveries.sent(delivery.id));
    }
  }

  /** Cancels all that this node runs. */
  async #cancelAll(): Promise<void> {
    const { operations } = this.#node.platform;
    await Promise.all([...this.#running.keys()].map((id) => operations.cancel(id, this.#node.name)));
  }

  async #runOne(delivery: Delivery, wanted: AskedTarget): Promise<Outcome> {
    const { target, name } = wanted;
    try {
      const operation = await this.#complete(delivery, wanted);
      const ok = operation.state === 'succeeded' || operation.state === 'planned';
      const part = { target, name, ok, result: operation.result, operation };
      return ok ? part : { ...part, error: failureOf(operation) };
    } catch (error) {
      return { target, name, ok: false, error: toFailure(error), operation: null };
    }
  }

  #request(delivery: Delivery, target: OperationRequest['target']): OperationRequest {
    const { flow, id: node } = this.#node;
    const { id, run, ask } = delivery;
    const origin = { through: 'flow', principal: 'node-red', node, run, delivery: id } as const;
    return {
      action: ask.action,
      target,
      parameters: ask.parameters,
      mode: ask.mode,
      ...(ask.quiet ? { quiet: true } : {}),
      origin: flow === undefined ? origin : { ...origin, flow },
      ...(ask.approval === undefined ? {} : { approval: ask.approval }),
      ...(ask.timeoutSeconds === undefined ? {} : { timeoutSeconds: ask.timeoutSeconds }),
      idempotencyKey: keyOf(delivery, target),
    };
  }

  async #complete(delivery: Delivery, wanted: AskedTarget): Promise<Operation> {
    const { operations, deliveries } = this.#node.platform;
    const request = this.#request(delivery, wanted.target);
    await this.#untilReady(delivery, wanted, request);
    const submitted = await operations.submit(request);
    deliveries.keep(delivery.id);
    if (endStates.has(submitted.state)) return submitted;
    this.#running.set(submitted.id, submitted);
    this.#show();
    try {
      return await operations.finished(submitted.id, this.#node.signal);
    } finally {
      this.#running.delete(submitted.id);
      this.#show();
    }
  }

  /** What was taken before a restart and had not begun, begins when its connection is up. */
  async #untilReady(delivery: Delivery, wanted: AskedTarget, request: OperationRequest): Promise<void> {
    const { operations, connections, deliveries } = this.#node.platform;
    if (!deliveries.isResumed(delivery.id) || operations.started(request)) return;
    await readyToBegin(connections, delivery, wanted, this.#node.signal);
  }

  #answerOne(outcome: Outcome | undefined, message: Message, send: Send): void {
    if (!outcome) return;
    if (outcome.operation) message.operation = outcome.operation;
    this.#showEnd([outcome]);
    if (outcome.ok || outcome.operation?.state === 'partial') {
      message.payload = outcome.result;
      send(message);
    }
    if (outcome.error) throw asShown(outcome.error);
  }

  #answerMany(outcomes: readonly Outcome[], message: Message, send: Send): void {
    message.payload = outcomes.map(targetOutcome);
    message.operations = outcomes.map(({ operation }) => operation);
    const failed = outcomes.filter(({ ok }) => !ok);
    this.#showEnd(outcomes);
    if (failed.length < outcomes.length || outcomes.length === 0) send(message);
    if (failed.length > 0) throw asShown(partialFailure(failed, outcomes.length));
  }

  #follow({ operation }: OperationEvent): void {
    if (!this.#running.has(operation.id)) return;
    this.#running.set(operation.id, operation);
    this.#show();
  }

  #show(): void {
    const all = [...this.#running.values()];
    const [first] = all;
    if (!first) return;
    const waiting = all.filter(isWaiting).length;
    const text = all.length > 1 ? this.#countOf(all.length - waiting, waiting) : this.#progressOf(first);
    const noneRuns = waiting === all.length;
    this.#node.status({ fill: noneRuns ? 'yellow' : 'blue', shape: noneRuns ? 'ring' : 'dot', text });
  }

  #countOf(running: number, waiting: number): string {
    const counts = { running, waiting };
    if (waiting === 0) return this.#node.words('status.running', counts);
    return this.#node.words(running === 0 ? 'status.allQueued' : 'status.someQueued', counts);
  }

  #progressOf(operation: Operation): string {
    const { progress, step, state, why } = operation;
    if (state === 'waiting' && why.at(-1)?.rule === 'approval') return this.#node.words('status.approval');
    if (isWaiting(operation)) return this.#node.words('status.queued');
    return [`${Math.round(progress * 100)}%`, step].filter(Boolean).join(' ');
  }

  #showEnd(outcomes: readonly Outcome[]): void {
    if (this.#running.size > 0) return;
    const failed = outcomes.filter(({ ok }) => !ok);
    const [firstFailure] = failed;
    if (outcomes.length === 0) this.#end('grey', 'ring', this.#node.words('status.nothing'));
    else if (outcomes.every(isPlan)) this.#end('grey', 'dot', `${this.#node.words('status.planned')} ${timeOfDay()}`);
    else if (!firstFailure) this.#end('green', 'dot', `✓ ${timeOfDay()}`);
    else if (outcomes.length > 1) {
      const counts = { failed: failed.length, count: outcomes.length };
      this.#end(failed.length < outcomes.length ? 'yellow' : 'red', 'ring', this.#node.words('status.failed', counts));
    } else this.#end('red', 'ring', firstFailure.error?.code ?? '');
  }

  #end(fill: 'green' | 'red' | 'yellow' | 'grey', shape: 'dot' | 'ring', text: string): void {
    this.#node.status({ fill, shape, text });
  }
}

/** virtflow stops while Node-RED still runs: how it ended is told at the next start. */
function isStopping({ error }: Outcome): boolean {
  return error?.code === 'STOPPING';
}

function isWaiting({ state }: Operation): boolean {
  return state === 'queued' || state === 'waiting';
}

function isPlan({ operation }: Outcome): boolean {
  return operation?.state === 'planned';
}

function asShown(failure: NodeFailure): NodeFailure {
  failure.shown = true;
  return failure;
}

/** Plain data: an Error does not survive the copy that Node-RED makes of a message. */
function targetOutcome({ operation: _, error, ...part }: Outcome): TargetOutcome {
  return error ? { ...part, error: error.record } : part;
}

function failureOf(operation: Operation): NodeFailure {
  if (operation.error) return new NodeFailure(operation.error);
  const reason = `the operation ended as ${operation.state} and does not say why`;
  return toFailure(new VirtflowError('INTERNAL', { reason }));
}

function partialFailure(failed: readonly Outcome[], count: number): NodeFailure {
  const reasons = failed.slice(0, 3).map(({ name, error }) => `${name}: ${error?.record.message ?? ''}`);
  const sentences = `${reasons.join(' ')}${failed.length > reasons.length ? ' …' : ''}`.replace(/\.$/, '');
  return toFailure(new VirtflowError('OPERATION_PARTIAL', { failed: failed.length, count, reasons: sentences }));
}
