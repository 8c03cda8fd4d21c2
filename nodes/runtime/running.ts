import { endStates, type Operation, type OperationEvent } from '../../lib/operations/operation.ts';
import type { NodeContext } from './node-context.ts';

/** The operations that a node has under way, shown beneath it. */
export class Running {
  readonly #node: NodeContext;
  readonly #operations = new Map<string, Operation>();
  #turn: NodeJS.Immediate | undefined;

  constructor(node: NodeContext) {
    this.#node = node;
    node.listen(node.platform.operations.events, (event) => this.#follow(event));
  }

  get size(): number {
    return this.#operations.size;
  }

  /** Waits for the end of an operation. @throws STOPPING, the reason that the node closed for */
  async ended(submitted: Operation): Promise<Operation> {
    if (endStates.has(submitted.state)) return submitted;
    this.#operations.set(submitted.id, submitted);
    this.#show();
    try {
      return await this.#node.platform.operations.finished(submitted.id, this.#node.signal);
    } finally {
      this.#operations.delete(submitted.id);
      this.#show();
    }
  }

  /** Cancels all that this node runs. */
  async cancelAll(): Promise<void> {
    const { operations } = this.#node.platform;
    await Promise.all([...this.#operations.keys()].map((id) => operations.cancel(id, this.#node.name)));
  }

  #follow({ operation }: OperationEvent): void {
    if (!this.#operations.has(operation.id)) return;
    this.#operations.set(operation.id, operation);
    this.#show();
  }

  /** Once in a turn of the event loop, however much happens in it. */
  #show(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#node.guard(() => this.#showNow());
    });
  }

  #showNow(): void {
    const all = [...this.#operations.values()];
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
}

function isWaiting({ state }: Operation): boolean {
  return state === 'queued' || state === 'waiting';
}
