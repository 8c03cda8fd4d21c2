import type { Sight } from '../../../access/sight.ts';
import { VirtflowError } from '../../../model/errors.ts';
import type { Operation } from '../../../operations/operation.ts';
import type { Operations } from '../../../operations/operations.ts';
import { operationView } from '../../operation-view.ts';
import type { RestRooms } from '../rooms.ts';
import { operationDetailSchema } from '../schemas/operation.ts';

export const operationPath = { id: 'The id of the operation.' };
export const operationDetail = { description: 'The operation.', schema: operationDetailSchema };

/** What somebody may not see is for them not there. @throws OPERATION_UNKNOWN */
export async function operationSeen(operations: Operations, id: string, sight: Sight): Promise<Operation> {
  const operation = operations.get(id);
  if (await sight.operation(operation)) return operation;
  throw new VirtflowError('OPERATION_UNKNOWN', { operation: id });
}

/** All of an operation; of the objects that it touches, those that somebody may see, by the names that they have now. */
export async function detailView(
  rooms: Pick<RestRooms, 'operations' | 'inventory'>,
  operation: Operation,
  sight: Sight,
) {
  const { parameters, member, group, timeoutSeconds, task, calls, sent, why, changes, undo } = operation;
  const seen = [];
  for (const ref of operation.touches ?? []) {
    if (await sight.reference(ref)) seen.push({ ...ref, name: rooms.inventory.get(ref)?.name });
  }
  return {
    ...operationView(operation),
    touches: seen,
    parameters,
    member,
    group: group && { title: group.title, order: group.order, onError: group.onError, limit: group.limit },
    takingBack: takingBackOf(rooms.operations, operation),
    timeoutSeconds,
    task,
    calls,
    sent,
    changes,
    undo,
    why,
  };
}

function takingBackOf(operations: Operations, operation: Operation) {
  const way = operations.undoOf(operation);
  return 'none' in way ? { possible: false, because: way.none } : { possible: true };
}
