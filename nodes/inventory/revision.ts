import { currentPlatform, type Platform } from '../../lib/platform.ts';
import type { NodeRed } from '../runtime/red.ts';

/** Browsers ask again after a ping; twice a second is as often as a person can follow. */
const coalesceMs = 500;

const watched = new WeakSet<Platform>();

/**
 * Tells editors that the inventory changed, and nothing more: comms reach everyone who is logged in, whatever their
 * rights, so what changed is fetched over a route that checks them.
 */
export function publishRevisions(RED: NodeRed): void {
  const platform = runningPlatform();
  if (!platform || watched.has(platform)) return;
  watched.add(platform);
  let revision = 0;
  let waiting = false;
  const changed = () => {
    revision += 1;
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      RED.comms.publish('virtflow/inventory', { revision });
    }, coalesceMs).unref();
  };
  platform.inventory.changes.subscribe(changed);
  platform.connections.states.subscribe(changed);
}

function runningPlatform(): Platform | undefined {
  try {
    return currentPlatform();
  } catch {
    return undefined;
  }
}
