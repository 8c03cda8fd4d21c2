import { VirtflowError } from '../../model/errors.ts';
import type { Operation } from '../operation.ts';
import { isRecordedInPart } from './discretion.ts';
import type { GroupShape } from './group.ts';

/** What of an ended group failed or was not begun, as a group of its own. @throws RETRY_IMPOSSIBLE */
export function retryOf(operation: Operation): GroupShape {
  const { group, mode, endedAt, result } = operation;
  if (!group) throw impossible(operation, 'it is no group');
  if (endedAt === null) throw impossible(operation, 'it has not ended yet');
  if (mode === 'plan') throw impossible(operation, 'it was only planned');
  if (result?.rollBack !== undefined)
    throw impossible(operation, 'what was done was taken back; all of it is to be asked for');
  if (isRecordedInPart(operation)) throw impossible(operation, 'not all of its parameters are kept');
  const items: readonly unknown[] = Array.isArray(result?.items) ? result.items : [];
  const failed = group.members.filter((_, index) => !hasSucceeded(items[index]));
  if (failed.length === 0) throw impossible(operation, 'nothing of it failed');
  return { ...group, title: `again: ${group.title.replace(/^again: /, '')}`, members: failed };
}

function hasSucceeded(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'state' in item && item.state === 'succeeded';
}

function impossible({ action, targetName }: Operation, reason: string): VirtflowError {
  return new VirtflowError('RETRY_IMPOSSIBLE', { action, target: targetName, reason });
}
