import type { NodeContext } from './node-context.ts';
import type { NodeRed } from './red.ts';

/** Runs something once all nodes are there that a message may go to; not when the node closes before. */
export function afterFlowsStarted(RED: NodeRed, node: NodeContext, begin: () => void): void {
  const run = () => node.guard(begin);
  RED.events.once('flows:started', run);
  node.signal.addEventListener('abort', () => RED.events.off('flows:started', run), { once: true });
}
