/** What we use of Node-RED; its published types are of an older release. */
declare module 'node-red' {
  import type { IncomingMessage, Server, ServerResponse } from 'node:http';

  export type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

  export interface NodeRedRuntime {
    readonly httpAdmin: Handler;
    readonly httpNode: Handler;
    /** The runtime's own interface, which the editor's routes call. */
    readonly runtime: {
      readonly flows: FlowsInterface;
    };
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

  export interface FlowsInterface {
    getFlows(options: object): Promise<{ readonly flows: readonly unknown[] }>;
    setFlows(options: DeployOptions): Promise<unknown>;
    addFlow(options: DeployOptions): Promise<unknown>;
    updateFlow(options: DeployOptions): Promise<unknown>;
  }

  /** `setFlows` brings all flows, the others one: `flow`. */
  export interface DeployOptions {
    readonly user?: unknown;
    readonly deploymentType?: string;
    readonly flows?: unknown;
    readonly flow?: unknown;
    readonly id?: string;
  }

  const runtime: NodeRedRuntime;
  export default runtime;
}
