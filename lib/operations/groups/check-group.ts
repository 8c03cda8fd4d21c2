import { VirtflowError } from '../../model/errors.ts';
import { deepestGroup, type GroupShape, isGroup, largestGroup, longestSeconds, type Member } from './group.ts';

const orders: readonly string[] = ['sequence', 'parallel', 'per-connection'];
const reactions: readonly string[] = ['stop', 'continue', 'roll-back'];

/** Refuses a group that cannot work, before anything of it is done. @throws GROUP_INVALID */
export function checkGroup({ timeoutSeconds = 1, ...shape }: GroupShape & { readonly timeoutSeconds?: number }): void {
  if (!(timeoutSeconds > 0 && timeoutSeconds <= longestSeconds)) throw invalid('it may take no longer than a week');
  if (count(shape, 1) > largestGroup) throw invalid(`it has more than ${largestGroup} members`);
}

function count(shape: GroupShape, depth: number): number {
  if (depth > deepestGroup) throw invalid(`groups stand more than ${deepestGroup} deep in each other`);
  if (!orders.includes(shape.order)) throw invalid(`order is none of ${orders.join(', ')}`);
  if (!reactions.includes(shape.onError)) throw invalid(`onError is none of ${reactions.join(', ')}`);
  if (shape.limit !== undefined && !isLimit(shape.limit)) throw invalid('limit is not a whole number from 1 to 1000');
  if (!Array.isArray(shape.members)) throw invalid('members is not a list');
  const members: readonly Member[] = shape.members;
  return members.reduce((sum, member) => sum + countMember(member, depth), 0);
}

function countMember(member: Member, depth: number): number {
  const { weight } = member;
  if (weight !== undefined && !(Number.isFinite(weight) && weight >= 0)) throw invalid('a weight is below 0');
  return isGroup(member) ? 1 + count(member.group, depth + 1) : 1;
}

function isLimit(limit: number): boolean {
  return Number.isInteger(limit) && limit >= 1 && limit <= 1000;
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('GROUP_INVALID', { reason });
}
