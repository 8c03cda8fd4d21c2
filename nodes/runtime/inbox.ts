import type { Ask, Delivery } from '../../lib/runs/delivery.ts';
import { markOf, markProperty } from '../../lib/runs/mark.ts';
import type { Arrival } from '../../lib/runs/open-delivery.ts';
import type { LiveNode } from './define-node.ts';
import { KeptMessages } from './kept-messages.ts';
import type { NodeContext } from './node-context.ts';
import type { Message, Send } from './red.ts';
import { accountsItself } from './traffic.ts';

/** What a message asks for, with its targets found, and what it said of them itself. */
export interface Taken {
  readonly ask: Ask;
  readonly target: unknown;
}

/** What became of it. */
export interface Answer {
  /** virtflow stops while Node-RED still runs: how it ended is told at the next start. */
  readonly isStopping: boolean;
  /** Sends it on. @throws what Catch nodes are to hear */
  give(message: Message, send: Send): void;
}

/** What a node does with messages. */
export interface Work {
  read(message: Message): Promise<Taken>;
  perform(delivery: Delivery): Promise<Answer>;
  cancel(): Promise<void>;
}

/**
 * Takes a node's messages. One that was taken is sent on even when the process dies meanwhile: the node that is opened
 * at the next start goes on with it.
 */
export class Inbox {
  readonly #node: NodeContext;
  readonly #work: Work;
  readonly #messages: KeptMessages;
  /** Messages that were taken in a life before. */
  readonly #resumed = new WeakMap<Message, Delivery>();

  constructor(node: NodeContext, work: Work) {
    this.#node = node;
    this.#work = work;
    this.#messages = new KeptMessages(node);
    accountsItself(node.id, node.signal);
    node.takeUp((delivery) => {
      const message = this.#messages.read(delivery.message);
      this.#resumed.set(message, delivery);
      node.receive(message);
    });
  }

  /** The node, as its wrapper drives it. */
  live(): LiveNode {
    return {
      input: (message, send) => (message.cancel === true ? this.#cancel(message) : this.#receive(message, send)),
      close: () => this.#node.platform.deliveries.putDown(this.#node.id),
    };
  }

  /** It asks for nothing that could be sent on: it has arrived. */
  async #cancel(message: Message): Promise<void> {
    const { deliveries } = this.#node.platform;
    deliveries.over(deliveries.arrive(markOf(message), this.#node.id));
    await this.#work.cancel();
  }

  async #receive(message: Message, send: Send): Promise<void> {
    const { deliveries } = this.#node.platform;
    const resumed = this.#resumed.get(message);
    // The very same object may come again, as a new message, over a wire that leads back.
    this.#resumed.delete(message);
    if (resumed) return this.#deliver(resumed, message, send);
    // From here on what the message came from stays on disk; what a stop breaks off is sent again at the next start.
    const arrival = deliveries.arrive(markOf(message), this.#node.id);
    try {
      const delivery = await this.#accept(arrival, message);
      if (delivery) await this.#deliver(delivery, message, send);
    } finally {
      if (!this.#node.signal.aborted) setImmediate(() => deliveries.over(arrival));
    }
  }

  async #accept(arrival: Arrival, message: Message): Promise<Delivery | undefined> {
    const { platform, signal } = this.#node;
    const { ask, target } = await this.#work.read(message);
    if (signal.aborted) return undefined;
    return platform.deliveries.accept(arrival, this.#messages.write(message), ask, target);
  }

  async #deliver(delivery: Delivery, message: Message, send: Send): Promise<void> {
    const { deliveries } = this.#node.platform;
    const answer = await this.#work.perform(delivery);
    if (this.#node.signal.aborted) return;
    const isKept = deliveries.isKept(delivery.id);
    if (isKept && answer.isStopping) return;
    if (isKept) message[markProperty] = { run: delivery.run, delivery: delivery.id };
    try {
      answer.give(message, send);
    } finally {
      // By then what was sent, or what Catch nodes were told, is on its way.
      setImmediate(() => deliveries.sent(delivery.id));
    }
  }
}
