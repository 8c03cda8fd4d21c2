/** What we use of the helper, which has no types of its own. */
declare module 'node-red-node-test-helper' {
  import type { NodeRed, RedNode } from '../../nodes/runtime/red.ts';

  interface HelperNode extends RedNode {
    receive(message: unknown): void;
    on(event: string, listener: (...facts: never[]) => void): void;
  }

  interface Helper {
    init(runtimePath?: string, settings?: object): void;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    load(nodes: readonly ((RED: NodeRed) => void)[], flow: readonly object[], credentials?: object): Promise<void>;
    setFlows(flow: readonly object[], type?: 'full' | 'flows' | 'nodes'): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): HelperNode | null;
    settings(settings: object): void;
    url(): string;
    /** Records every call of a node; there is no public way to forget them. */
    readonly _sandbox: { resetHistory(): void };
  }

  const helper: Helper;
  export default helper;
}
