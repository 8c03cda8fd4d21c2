import { permissionOf } from '../../lib/access/permission.ts';
import type { AnyAction } from '../../lib/actions/action.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { connectionsUp } from '../../lib/runs/ready.ts';
import type { NodeContext } from './node-context.ts';
import { standingOrigin } from './origin.ts';
import { findTargets } from './targets.ts';

/** What a node is configured to do; a target that the message brings is undefined. */
export interface Configured {
  readonly action: AnyAction;
  readonly target: unknown;
}

const connectionsWithinMs = 60_000;

/**
 * After a deploy, once the connections are up, shows beneath a node that its identity may not do what it is configured
 * for. Nothing is sent; when a message comes, the engine decides anew.
 */
export function showMissingRights(node: NodeContext, configured: () => readonly Configured[]): void {
  node.guard(async () => {
    await connectionsUp(node.platform.connections, connectionsWithinMs);
    if (node.signal.aborted) return;
    for (const one of configured()) {
      const lacks = await missing(node, one);
      if (lacks && !node.signal.aborted) return warn(node, lacks);
    }
  });
}

async function missing(node: NodeContext, { action, target }: Configured): Promise<VirtflowError | undefined> {
  const { access } = node.platform;
  const origin = standingOrigin(node);
  const sight = access.sightOf(origin);
  for (const { name, subject } of await subjectsOf(node, action, target)) {
    const why = await access.reasonAgainst(origin, permissionOf(action), subject);
    if (why === undefined) continue;
    return new VirtflowError('ACCESS_DENIED', {
      principal: sight.who.name,
      permission: action.id,
      target: name,
      reason: why,
    });
  }
  return undefined;
}

/** What is configured and is there now; a target that is not there yet is no matter of rights. */
async function subjectsOf(node: NodeContext, action: AnyAction, target: unknown) {
  const sight = node.platform.access.sightOf(standingOrigin(node));
  if (target === undefined) return [];
  try {
    const { all } = await findTargets(node.platform, action, target);
    return all.map(({ target: found, name }) => ({ name, subject: sight.subjectOf(found) }));
  } catch {
    return [];
  }
}

function warn(node: NodeContext, { code, message, advice }: VirtflowError): void {
  node.status({ fill: 'red', shape: 'ring', text: code });
  node.warn(`${message} ${advice}`);
}
