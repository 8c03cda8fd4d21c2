import type { Connections } from '../connections/connections.ts';
import { VirtflowError } from '../model/errors.ts';
import type { AskedTarget, Delivery } from './delivery.ts';

/** How old what was asked for may be to begin after a restart: as old as an operation that waited in the queue. */
const beginsWithinMs = 600_000;

/**
 * Waits until what a delivery asked for before a restart may begin now: until its connection is up.
 * @throws OPERATION_INTERRUPTED when it was asked for too long ago, for nobody expects it any more; the signal's reason
 */
export async function readyToBegin(
  connections: Connections,
  { at, ask: { action } }: Delivery,
  { target, name }: AskedTarget,
  signal: AbortSignal,
): Promise<void> {
  const leftMs = at + beginsWithinMs - Date.now();
  if (leftMs <= 0) {
    const reason = `virtflow stopped before it began, and ${beginsWithinMs / 60_000} minutes have passed since`;
    throw new VirtflowError('OPERATION_INTERRUPTED', { action, target: name, reason });
  }
  // Where it is not up by then, submitting says so.
  const limit = AbortSignal.any([signal, AbortSignal.timeout(leftMs)]);
  await connections
    .get(target.connection)
    .connected(limit)
    .catch(() => signal.throwIfAborted());
}

/**
 * Resolves once every connection is up, or after a time: what is sent on after a restart leads to nodes that look for
 * their targets in an inventory that is empty until then.
 */
export async function connectionsUp(connections: Connections, limitMs: number): Promise<void> {
  const limit = AbortSignal.timeout(limitMs);
  await Promise.allSettled(connections.list().map((connection) => connection.connected(limit)));
}
