import type { AnyAction } from '../../lib/actions/action.ts';
import { type ErrorRecord, VirtflowError } from '../../lib/model/errors.ts';
import {
  endStates,
  type Operation,
  type OperationEvent,
  type OperationMode,
  type OperationRequest,
} from '../../lib/operations/operation.ts';
import { NodeFailure, toFailure } from './failure.ts';
import type { NodeContext } from './node-context.ts';
import type { Message, Send } from './red.ts';
import { timeOfDay } from './status.ts';
import { findTargets, type Wanted } from './targets.ts';

/** What a message asks for. */
export interface Asked {
  readonly action: AnyAction;
  readonly target: unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number | undefined;
  readonly mode: OperationMode;
}

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
  readonly #running = new Map<string, Operation>();

  constructor(node: NodeContext) {
    this.#node = node;
    node.listen(node.platform.operations.events, (event) => this.#follow(event));
  }

  /**
   * Answers a message: one target with its result, several with a list, in which each tells whether it succeeded.
   * Where some failed, the message goes on and Catch nodes hear of it as well; where all failed, they alone do.
   */
  async run(asked: Asked, message: Message, send: Send): Promise<void> {
    const { all, many } = await findTargets(this.#node.platform, asked.action, asked.target);
    const key = typeof message.idempotencyKey === 'string' ? message.idempotencyKey : undefined;
    const outcomes = await Promise.all(all.map((wanted) => this.#runOne(asked, wanted, key)));
    if (this.#node.signal.aborted) return;
    if (many || outcomes.length !== 1) this.#answerMany(outcomes, message, send);
    else this.#answerOne(outcomes[0], message, send);
  }

  /** Cancels all that this node runs. */
  async cancelAll(): Promise<void> {
    const { operations } = this.#node.platform;
    await Promise.all([...this.#running.keys()].map((id) => operations.cancel(id, this.#node.name)));
  }

  async #runOne(asked: Asked, { target, name }: Wanted, key: string | undefined): Promise<Outcome> {
    try {
      const operation = await this.#complete(this.#request(asked, target, key));
      const ok = operation.state === 'succeeded' || operation.state === 'planned';
      const part = { target, name, ok, result: operation.result, operation };
      return ok ? part : { ...part, error: failureOf(operation) };
    } catch (error) {
      return { target, name, ok: false, error: toFailure(error), operation: null };
    }
  }

  #request(asked: Asked, target: OperationRequest['target'], key: string | undefined): OperationRequest {
    const { flow, id } = this.#node;
    return {
      action: asked.action.id,
      target,
      parameters: asked.parameters,
      mode: asked.mode,
      origin: { through: 'flow', principal: 'node-red', node: id, ...(flow === undefined ? {} : { flow }) },
      ...(asked.timeoutSeconds === undefined ? {} : { timeoutSeconds: asked.timeoutSeconds }),
      ...(key === undefined ? {} : { idempotencyKey: JSON.stringify([key, asked.action.id, target]) }),
    };
  }

  async #complete(request: OperationRequest): Promise<Operation> {
    const { operations } = this.#node.platform;
    const submitted = await operations.submit(request);
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
    const [first, ...others] = this.#running.values();
    if (!first) return;
    const text =
      others.length > 0 ? this.#node.words('status.running', { count: others.length + 1 }) : this.#progressOf(first);
    const waits = first.state === 'queued' || first.state === 'waiting';
    this.#node.status({ fill: waits ? 'yellow' : 'blue', shape: waits ? 'ring' : 'dot', text });
  }

  #progressOf({ progress, step, state }: Operation): string {
    if (state === 'queued' || state === 'waiting') return this.#node.words('status.queued');
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
