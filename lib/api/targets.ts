import { permissionOf } from '../access/permission.ts';
import type { Sight } from '../access/sight.ts';
import type { AnyAction } from '../actions/action.ts';
import type { Connections } from '../connections/connections.ts';
import { Inventory } from '../inventory/inventory.ts';
import { resolveTarget } from '../inventory/target.ts';
import { VirtflowError } from '../model/errors.ts';
import type { InventoryKind } from '../model/objects.ts';
import { refOf } from '../model/reference.ts';
import type { OperationRequest } from '../operations/operation.ts';

type Target = OperationRequest['target'];

export interface TargetRooms {
  readonly inventory: Inventory;
  readonly connections: Connections;
}

/**
 * Finds what a target of an action means, among what whoever asks may see or do this to: of the rest not even the names
 * are told.
 * @throws TARGET_MISSING, TARGET_INVALID, OBJECT_UNKNOWN, OBJECT_AMBIGUOUS, SELECTOR_INVALID, CONNECTION_UNKNOWN
 */
export async function findTargets(
  { inventory, connections }: TargetRooms,
  action: AnyAction,
  target: unknown,
  sight: Sight,
): Promise<readonly Target[]> {
  if (action.target === 'connection') return [await findConnection(connections, action, target, sight)];
  const kind: InventoryKind = action.target;
  return (await resolveTarget(await within(inventory, kind, action, sight), target, { kind })).map(refOf);
}

async function within(inventory: Inventory, kind: InventoryKind, action: AnyAction, sight: Sight): Promise<Inventory> {
  if (await sight.everything()) return inventory;
  const part = new Inventory();
  const permission = permissionOf(action);
  for (const object of inventory.list({ kind })) {
    const isIn = (await sight.object(object)) || (await sight.may(permission, sight.subjectOf(object)));
    if (isIn) part.apply(object.connection, { type: 'put', object });
  }
  return part;
}

async function findConnection(
  connections: Connections,
  action: AnyAction,
  target: unknown,
  sight: Sight,
): Promise<Target> {
  if (target === undefined || target === null || target === '') throw new VirtflowError('TARGET_MISSING');
  const named = typeof target === 'object' && 'connection' in target ? target.connection : target;
  if (typeof named !== 'string') throw new VirtflowError('TARGET_INVALID', { reason: 'it names no connection' });
  const seen: string[] = [];
  for (const { name } of connections.list()) {
    const itself: Target = { connection: name, kind: 'connection' };
    const isIn = (await sight.connection(name)) || (await sight.may(permissionOf(action), sight.subjectOf(itself)));
    if (isIn && name === named) return itself;
    if (isIn) seen.push(name);
  }
  throw new VirtflowError('CONNECTION_UNKNOWN', { connection: named, known: seen.join(', ') || 'none' });
}
