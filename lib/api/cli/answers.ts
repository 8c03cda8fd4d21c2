import { VirtflowError } from '../../model/errors.ts';
import type { OperationView } from '../operation-view.ts';
import type { RefusedTarget } from '../requests.ts';

/** What an action's route answers. */
export interface StartedAnswer {
  readonly operations: readonly OperationView[];
  readonly refused: readonly RefusedTarget[];
}

/** @throws PROTOCOL_VIOLATION */
export function asOperation(body: unknown): OperationView {
  if (isOperation(body)) return body;
  throw new VirtflowError('PROTOCOL_VIOLATION', { address: 'the server', reason: 'that is no operation' });
}

/** The items of a page or a list. @throws PROTOCOL_VIOLATION */
export function asItems(body: unknown): { readonly items: readonly unknown[]; readonly next: string | undefined } {
  if (typeof body === 'object' && body !== null && 'items' in body && Array.isArray(body.items)) {
    const next = 'next' in body && typeof body.next === 'string' ? body.next : undefined;
    return { items: body.items, next };
  }
  throw new VirtflowError('PROTOCOL_VIOLATION', { address: 'the server', reason: 'that is no list' });
}

/** @throws PROTOCOL_VIOLATION */
export function asStarted(body: unknown): StartedAnswer {
  if (isOperation(body)) return { operations: [body], refused: [] };
  if (typeof body === 'object' && body !== null && 'operations' in body && Array.isArray(body.operations)) {
    const refused = 'refused' in body && Array.isArray(body.refused) ? body.refused : [];
    return { operations: body.operations.map(asOperation), refused };
  }
  throw new VirtflowError('PROTOCOL_VIOLATION', { address: 'the server', reason: 'that is no answer to an action' });
}

function isOperation(body: unknown): body is OperationView {
  return typeof body === 'object' && body !== null && 'id' in body && 'state' in body && 'action' in body;
}
