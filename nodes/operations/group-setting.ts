import { VirtflowError } from '../../lib/model/errors.ts';
import type { GroupOrder, GroupShape, OnError } from '../../lib/operations/groups/group.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { Message } from '../runtime/red.ts';

interface Settings {
  readonly order: string;
  readonly limit: number;
  readonly onError: string;
}

/** All of a group but its members. */
export function shapeOf(node: NodeContext, { order, limit, onError }: Settings, title: string) {
  const { name } = node.raw;
  return {
    title: typeof name === 'string' && name !== '' ? name : title,
    order: orderIn(order),
    onError: onErrorIn(onError),
    ...(order === 'parallel' ? { limit } : {}),
  } satisfies Omit<GroupShape, 'members'>;
}

function orderIn(value: string): GroupOrder {
  return value === 'parallel' || value === 'per-connection' ? value : 'sequence';
}

export function onErrorIn(value: string): OnError {
  return value === 'continue' || value === 'roll-back' ? value : 'stop';
}

/** The operation that a message is about: `msg.operation`, else `msg.payload`, each an id or something that has one. @throws MESSAGE_INVALID */
export function operationIn({ operation, payload }: Message): string {
  const id = idIn(operation) ?? idIn(payload);
  if (id !== undefined) return id;
  throw new VirtflowError('MESSAGE_INVALID', { reason: 'neither msg.operation nor msg.payload tells an operation' });
}

function idIn(value: unknown): string | undefined {
  if (typeof value === 'object' && value !== null && 'id' in value) return idIn(value.id);
  return typeof value === 'string' && value !== '' && value.length <= 100 ? value : undefined;
}
