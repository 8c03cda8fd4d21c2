import { shownOf } from '../confidential.ts';
import { interrupted } from '../ending.ts';
import type { LiveOperation } from '../live-operation.ts';
import type { Operation } from '../operation.ts';
import type { Parameters } from '../parameters.ts';
import { type ActionMember, type GroupShape, isGroup, type Member } from './group.ts';

/** A member's parameters as they are, and those of them that no record shows. */
export type ReadMember = (member: ActionMember) => {
  readonly parameters: Parameters;
  readonly confidential: Parameters | undefined;
};

/** Members as their group's record shows them. */
export function shownMembers(members: readonly Member[], read: ReadMember): readonly Member[] {
  return members.map((member) => {
    if (isGroup(member))
      return { ...member, group: { ...member.group, members: shownMembers(member.group.members, read) } };
    const { parameters, confidential } = read(member);
    return confidential ? { ...member, parameters: shownOf(parameters, confidential), hides: true } : member;
  });
}

export function hides(members: readonly Member[]): boolean {
  return members.some((member) => (isGroup(member) ? hides(member.group.members) : member.hides === true));
}

/** A group with all parameters of its members, to do it with. @throws OPERATION_INTERRUPTED, SECRET_*, STORE_* */
export function wholeShape(live: LiveOperation, shape: GroupShape): GroupShape {
  if (!hides(shape.members)) return shape;
  const { members } = live.whole.parameters;
  if (!Array.isArray(members)) throw interrupted(live.operation, 'the parameters of its members were not kept');
  return { ...shape, members };
}

export function isRecordedInPart({ group }: Operation): boolean {
  return group !== undefined && hides(group.members);
}
