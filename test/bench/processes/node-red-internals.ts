import type { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { Handler } from 'node-red';
import type { Platform } from '../../../lib/platform.ts';

/** What the benchmarks use of Node-RED besides what virtflow uses of it. */
export interface BenchRuntime {
  readonly httpAdmin: Handler;
  readonly events: EventEmitter;
  readonly nodes: { getNode(id: string): { receive(message: object): void } };
  readonly runtime: {
    readonly flows: {
      setFlows(options: { flows: { flows: readonly object[] }; deploymentType: string }): Promise<void>;
    };
  };
  readonly hooks: {
    add(hook: `onSend.${string}`, listen: (sent: readonly { source: { node: { type: string } } }[]) => void): void;
    add(hook: `onComplete.${string}`, listen: (event: { node: { id: string }; error?: Error }) => void): void;
    remove(hook: string): void;
  };
  init(server: Server, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The built platform, which the Node-RED process shares with the nodes. */
export interface PlatformModule {
  currentPlatform(): Platform;
}
