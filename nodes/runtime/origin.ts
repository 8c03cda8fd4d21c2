import type { Origin } from '../../lib/operations/operation.ts';
import type { Delivery } from '../../lib/runs/delivery.ts';
import type { NodeContext } from './node-context.ts';

/** The setting of a tab, a subflow or a group that tells the service which its nodes act as. */
export const identitySetting = 'VIRTFLOW_RUN_AS';

/** In whose name, and from where on the canvas, a node asks for what a message wants. @throws IDENTITY_UNKNOWN */
export function originOf(node: NodeContext, { id: delivery, run }: Pick<Delivery, 'id' | 'run'>): Origin {
  return { ...standingOrigin(node), run, delivery };
}

/** The same without a message. @throws IDENTITY_UNKNOWN */
export function standingOrigin(node: NodeContext): Origin {
  const { flow, id } = node;
  return { through: 'flow', ...identityOf(node), node: id, ...(flow === undefined ? {} : { flow }) };
}

function identityOf(node: NodeContext): Pick<Origin, 'principal' | 'owner'> {
  const identity = node.setting(identitySetting);
  if (identity === undefined || identity === null || identity === '') return { principal: 'node-red' };
  const { name, owner } = node.platform.access.accounts.service(identity);
  return { principal: name, owner };
}
