import type { AnyAction } from '../../lib/actions/action.ts';
import { type ErrorRecord, VirtflowError } from '../../lib/model/errors.ts';
import type { Operation, OperationMode, OperationRequest } from '../../lib/operations/operation.ts';
import { type AskedTarget, type Delivery, keyOf } from '../../lib/runs/delivery.ts';
import { readyToBegin } from '../../lib/runs/ready.ts';
import type { LiveNode } from './define-node.ts';
import { asShown, failureOf, type NodeFailure, toFailure } from './failure.ts';
import { type Answer, Inbox, type Taken } from './inbox.ts';
import type { NodeContext } from './node-context.ts';
import { originOf } from './origin.ts';
import type { Message, Send } from './red.ts';
import { Running } from './running.ts';
import { timeOfDay } from './status.ts';
import { findTargets } from './targets.ts';

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

/** Runs what messages ask of one node, side by side, and shows it beneath the node. */
export class ActionRunner {
  readonly #node: NodeContext;
  readonly #running: Running;

  constructor(node: NodeContext) {
    this.#node = node;
    this.#running = new Running(node);
  }

  /** The node that asks for what `ask` reads from a message. */
  live(ask: Asking): LiveNode {
    return new Inbox(this.#node, {
      read: async (message) => this.#read(await ask(message), message),
      perform: (delivery) => this.#perform(delivery),
      cancel: () => this.#running.cancelAll(),
    }).live();
  }

  async #read(asked: Asked, message: Message): Promise<Taken> {
    const { action, parameters, timeoutSeconds, mode, approval, quiet, target } = asked;
    const { all: targets, many } = await findTargets(this.#node.platform, action, target);
    const ask = {
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
    return { ask, target };
  }

  /**
   * Answers a message: one target with its result, several with a list, in which each tells whether it succeeded.
   * Where some failed, the message goes on and Catch nodes hear of it as well; where all failed, they alone do.
   */
  async #perform(delivery: Delivery): Promise<Answer> {
    const { targets, many } = delivery.ask;
    const outcomes = await Promise.all(targets.map((wanted) => this.#runOne(delivery, wanted)));
    return {
      isStopping: outcomes.some(isStopping),
      give: (message, send) => {
        if (many || outcomes.length !== 1) this.#answerMany(outcomes, message, send);
        else this.#answerOne(outcomes[0], message, send);
      },
    };
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
    const { ask } = delivery;
    return {
      action: ask.action,
      target,
      parameters: ask.parameters,
      mode: ask.mode,
      ...(ask.quiet ? { quiet: true } : {}),
      origin: originOf(this.#node, delivery),
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
    return this.#running.ended(submitted);
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

function isStopping({ error }: Outcome): boolean {
  return error?.code === 'STOPPING';
}

function isPlan({ operation }: Outcome): boolean {
  return operation?.state === 'planned';
}

/** Plain data: an Error does not survive the copy that Node-RED makes of a message. */
function targetOutcome({ operation: _, error, ...part }: Outcome): TargetOutcome {
  return error ? { ...part, error: error.record } : part;
}

function partialFailure(failed: readonly Outcome[], count: number): NodeFailure {
  const reasons = failed.slice(0, 3).map(({ name, error }) => `${name}: ${error?.record.message ?? ''}`);
  const sentences = `${reasons.join(' ')}${failed.length > reasons.length ? ' …' : ''}`.replace(/\.$/, '');
  return toFailure(new VirtflowError('OPERATION_PARTIAL', { failed: failed.length, count, reasons: sentences }));
}
