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
  readonly util: {
    getMessageProperty(message: object, path: string): unknown;
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
  request: IncomingMessage & { readonly body?: unknown; readonly query?: unknown },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;
