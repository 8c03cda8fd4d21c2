import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What we use of Node-RED's runtime; its published types are of an older release. */
export interface NodeRed {
  readonly nodes: {
    createNode(node: RedNode, config: unknown): void;
    getNode(id: string): unknown;
    getCredentials(id: string): unknown;
    registerType(type: string, construct: (this: RedNode, config: unknown) => void, options?: TypeOptions): void;
  };
  readonly events: EventEmitter;
  /** Not there in the runtime of node-red-node-test-helper. */
  readonly hooks?: Hooks;
  readonly util: {
    getMessageProperty(message: object, path: string): unknown;
    getSetting(node: RedNode, name: string): unknown;
    evaluateNodeProperty(
      value: string,
      type: string,
      node: RedNode,
      message: object,
      callback: (error: Error | null, value: unknown) => void,
    ): void;
  };
  readonly comms: { publish(topic: string, data: unknown, retain?: boolean): void };
  readonly httpAdmin: {
    get(path: string, ...handlers: RequestHandler[]): void;
    post(path: string, ...handlers: RequestHandler[]): void;
  };
  readonly auth: { needsPermission(permission: string): RequestHandler };
  /** The words of the set's catalogue, in the server's language. */
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
}

/** What Node-RED tells of messages on their way. One that answers `false` stops the message. */
export interface Hooks {
  add(hook: `onSend.${string}`, hear: (events: readonly SendEvent[]) => void): void;
  add(hook: `preDeliver.${string}`, hear: (event: SendEvent) => void): void;
  add(hook: `onReceive.${string}` | `postReceive.${string}`, hear: (event: ReceiveEvent) => void): void;
  add(hook: `onComplete.${string}`, hear: (event: CompleteEvent) => void): void;
  remove(hook: string): void;
}

/** A node on the way of a message; that of a subflow's instance has the id of the node it was made from as `_alias`. */
export interface HookNode {
  readonly id: string;
  readonly node?: { readonly id: string; readonly z?: string; readonly _alias?: string; readonly type?: string };
}

export interface SendEvent {
  readonly msg: Message;
  readonly source: HookNode & { readonly port: number };
  readonly destination: HookNode;
}

export interface ReceiveEvent {
  readonly msg: Message;
  readonly destination: HookNode;
}

export interface CompleteEvent {
  readonly msg: Message;
  readonly error?: unknown;
  readonly node: HookNode;
}

export interface TypeOptions {
  readonly credentials?: Readonly<Record<string, { readonly type: 'text' | 'password' }>>;
}

export interface RedNode {
  readonly id: string;
  readonly z?: string;
  readonly name?: string;
  readonly credentials?: unknown;
  on(event: 'input', listener: (message: Message, send: Send, done: Done) => void): void;
  on(event: 'close', listener: (removed: boolean, done: () => void) => void): void;
  send(messages: Output): void;
  receive(message: Message): void;
  error(problem: unknown, message?: Message): void;
  warn(text: string): void;
  log(text: string): void;
  status(status: Status): void;
}

export interface Message {
  [property: string]: unknown;
}
/** One message for the first output, or for each output one, several or none. */
export type Output = Message | readonly (Message | readonly Message[] | null)[];
export type Send = (messages: Output) => void;
export type Done = (problem?: unknown) => void;

export interface Status {
  readonly fill?: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  readonly shape?: 'ring' | 'dot';
  readonly text?: string;
}

export type RequestHandler = (
  request: IncomingMessage & { readonly body?: unknown; readonly query?: unknown; readonly user?: unknown },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;
