import { VirtflowError } from '../../model/errors.ts';
import type { Operation } from '../operation.ts';
import { isRecordedInPart } from './discretion.ts';
import { type GroupShape, isGroup, type Member } from './group.ts';

/** What of an ended group failed or was not begun, as a group of its own. @throws RETRY_IMPOSSIBLE */
export function retryOf(operation: Operation): GroupShape {
  const { group, mode, endedAt, result } = operation;
  if (!group) throw impossible(operation, 'it is no group');
  if (endedAt === null) throw impossible(operation, 'it has not ended yet');
  if (mode === 'plan') throw impossible(operation, 'it was only planned');
  if (result?.rollBack !== undefined)
    throw impossible(operation, 'what was done was taken back; all of it is to be asked for');
  if (isRecordedInPart(operation)) throw impossible(operation, 'not all of its parameters are kept');
  const failed = failedOf(group.members, result);
  if (failed.length === 0) throw impossible(operation, 'nothing of it failed');
  return { ...group, title: `again: ${group.title.replace(/^again: /, '')}`, members: failed };
}

/** Of a group within it that succeeded in part, what failed of that. */
function failedOf(members: readonly Member[], result: unknown): readonly Member[] {
  const items = itemsIn(result);
  return members.flatMap((member, index) => {
    const item = items[index];
    if (hasSucceeded(item)) return [];
    return [isGroup(member) ? failedPart(member, item) : member];
  });
}

function failedPart(member: Extract<Member, { group: unknown }>, item: unknown): Member {
  const result = typeof item === 'object' && item !== null && 'result' in item ? item.result : undefined;
  const isTakenBack = typeof result === 'object' && result !== null && 'rollBack' in result;
  if (isTakenBack || itemsIn(result).length === 0) return member;
  return { ...member, group: { ...member.group, members: failedOf(member.group.members, result) } };
}

function itemsIn(result: unknown): readonly unknown[] {
  if (typeof result !== 'object' || result === null || !('items' in result)) return [];
  return Array.isArray(result.items) ? result.items : [];
}

function hasSucceeded(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'state' in item && item.state === 'succeeded';
}

function impossible({ action, targetName }: Operation, reason: string): VirtflowError {
  return new VirtflowError('RETRY_IMPOSSIBLE', { action, target: targetName, reason });
}
