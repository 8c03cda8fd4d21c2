import type { Origin } from '../../lib/operations/operation.ts';
import type { Delivery } from '../../lib/runs/delivery.ts';
import type { NodeContext } from './node-context.ts';

/** In whose name, and from where on the canvas, a node asks for what a message wants. */
export function originOf({ flow, id: node }: NodeContext, { id: delivery, run }: Delivery): Origin {
  const origin = { through: 'flow', principal: 'node-red', node, run, delivery } as const;
  return flow === undefined ? origin : { ...origin, flow };
}
