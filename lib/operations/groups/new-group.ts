import { formatRef, type ObjectRef } from '../../model/reference.ts';
import { type Operation, objectOf } from '../operation.ts';
import { unbegun } from '../unbegun.ts';
import { type GroupRequest, type GroupShape, isGroup, longestSeconds, type Member } from './group.ts';

/** A group at the begin of its life. */
export function newGroup(request: GroupRequest): Operation {
  const { title, order, onError, limit, members, timeoutSeconds = longestSeconds } = request;
  return {
    ...unbegun(request),
    action: `group.${order}`,
    target: { connection: '', kind: 'group' },
    targetName: title,
    touches: touchedBy(members),
    parameters: { onError, count: members.length, ...(limit === undefined ? {} : { limit }) },
    timeoutSeconds,
    group: shapeOf(request),
  };
}

function shapeOf({ title, order, onError, limit, members }: GroupShape): GroupShape {
  return { title, order, onError, ...(limit === undefined ? {} : { limit }), members };
}

function touchedBy(members: readonly Member[]): readonly ObjectRef[] {
  const touched = new Map<string, ObjectRef>();
  for (const ref of members.flatMap(targetsOf)) touched.set(formatRef(ref), ref);
  return [...touched.values()];
}

function targetsOf(member: Member): readonly ObjectRef[] {
  if (isGroup(member)) return member.group.members.flatMap(targetsOf);
  const object = objectOf(member.target);
  return object ? [object] : [];
}
