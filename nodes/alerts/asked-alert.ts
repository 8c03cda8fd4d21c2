import { VirtflowError } from '../../lib/model/errors.ts';
import type { Message } from '../runtime/red.ts';

/** The alert that a message is about: an id or an alert in `msg.alert`, else in `msg.payload`. @throws MESSAGE_INVALID */
export function alertIdIn({ alert, payload }: Message): string {
  const id = idOf(alert) ?? idOf(payload);
  if (id !== undefined) return id;
  throw new VirtflowError('MESSAGE_INVALID', { reason: 'neither msg.alert nor msg.payload is an alert or its id' });
}

function idOf(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
  return typeof value.id === 'string' ? value.id : undefined;
}
