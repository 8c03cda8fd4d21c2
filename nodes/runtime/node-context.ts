import type { Feed } from '../../lib/model/feed.ts';
import { currentPlatform, type Platform } from '../../lib/platform.ts';
import type { Delivery } from '../../lib/runs/delivery.ts';
import type { Field } from '../forms/field.ts';
import { type ConfigOf, type RawConfig, readConfig } from './config.ts';
import { type NodeFailure, toFailure } from './failure.ts';
import { takeUpOnceStarted } from './flows-started.ts';
import type { Message, NodeRed, Output, RedNode, Status } from './red.ts';
import { shorten } from './status.ts';

/** One node, as its behaviour sees it. Whatever is hung on it is taken off when it closes. */
export class NodeContext<F extends readonly Field[] = readonly Field[]> {
  readonly config: ConfigOf<F>;
  /** The configuration as the flow file has it, migrated. */
  readonly raw: RawConfig;
  readonly #RED: NodeRed;
  readonly #node: RedNode;
  readonly #closing = new AbortController();
  #shown = '';

  constructor(RED: NodeRed, node: RedNode, fields: F, raw: RawConfig) {
    this.#RED = RED;
    this.#node = node;
    this.raw = raw;
    this.config = readConfig(fields, raw);
  }

  get id(): string {
    return this.#node.id;
  }

  /** The tab it stands on. */
  get flow(): string | undefined {
    return this.#node.z;
  }

  get name(): string {
    return this.#node.name || this.id;
  }

  /** Aborted when the node closes. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** @throws INTERNAL when the platform does not run */
  get platform(): Platform {
    return currentPlatform();
  }

  credential(name: string): string | undefined {
    const all = this.#node.credentials;
    if (typeof all !== 'object' || all === null) return undefined;
    const found: unknown = Object.entries(all).find(([key]) => key === name)?.[1];
    return typeof found === 'string' && found !== '' ? found : undefined;
  }

  /** The words of the catalogue in the server's language. */
  words(key: string, values?: Readonly<Record<string, unknown>>): string {
    return this.#RED._(key, values);
  }

  /** The value of a property of a message; undefined when there is none. */
  property(message: Message, path: string): unknown {
    try {
      return this.#RED.util.getMessageProperty(message, path);
    } catch {
      return undefined;
    }
  }

  /** A typed value: JSON, JSONata, a property of message, flow or environment. */
  evaluate(value: string, type: string, message: Message): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#RED.util.evaluateNodeProperty(value, type, this.#node, message, (error, result) =>
        error ? reject(error) : resolve(result),
      );
    });
  }

  /** Hears of facts until the node closes; a listener that throws fails the node, not the feed. */
  listen<T>(feed: Feed<T>, listener: (fact: T) => void): void {
    const unsubscribe = feed.subscribe((fact) => this.guard(() => listener(fact)));
    this.signal.addEventListener('abort', unsubscribe, { once: true });
  }

  /** Runs something that nobody waits for; what it throws or rejects with fails the node. */
  guard(run: () => Promise<void> | void): void {
    const settle = async () => run();
    settle().catch((error: unknown) => {
      if (!this.signal.aborted) this.failed(error);
    });
  }

  /** Tells when flows have started what this node has to go on with. */
  takeUp(resume: (delivery: Delivery) => void): void {
    takeUpOnceStarted(this.#RED.events, { id: this.id, signal: this.signal, resume });
  }

  /** Gives the node a message as if it came over a wire. */
  receive(message: Message): void {
    this.#node.receive(message);
  }

  /** A setting of the node's group, subflow or tab, or else of the process's environment. */
  setting(name: string): unknown {
    return this.#RED.util.getSetting(this.#node, name);
  }

  send(output: Output): void {
    this.#node.send(output);
  }

  status(status: Status): void {
    const shown = { ...status, text: shorten(status.text ?? '') };
    const key = JSON.stringify(shown);
    if (key === this.#shown || this.signal.aborted) return;
    this.#shown = key;
    this.#node.status(shown);
  }

  /** Tells Catch nodes and the log of a problem that no message brought. */
  report(error: unknown): NodeFailure {
    const failure = toFailure(error);
    this.#node.error(failure, {});
    return failure;
  }

  /** Reports, and shows the code beneath the node. */
  failed(error: unknown): void {
    const failure = this.report(error);
    this.status({ fill: 'red', shape: 'ring', text: failure.code });
  }

  warn(text: string): void {
    this.#node.warn(text);
  }

  dispose(): void {
    this.#closing.abort();
  }
}
