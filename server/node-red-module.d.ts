/** What we use of Node-RED; its published types are of an older release. */
declare module 'node-red' {
  import type { IncomingMessage, Server, ServerResponse } from 'node:http';

  export type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

  export interface NodeRedRuntime {
    readonly httpAdmin: Handler;
    readonly httpNode: Handler;
    readonly log: {
      error(message: string): void;
      warn(message: string): void;
      info(message: string): void;
      debug(message: string): void;
    };
    init(server: Server, settings: object): void;
    start(): Promise<void>;
    stop(): Promise<void>;
    version(): string;
  }

  const runtime: NodeRedRuntime;
  export default runtime;
}
