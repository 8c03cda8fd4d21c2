import type { AnyObject } from '../model/objects.ts';
import type { ObjectRef } from '../model/reference.ts';
import { type OperationTarget, objectOf } from '../operations/operation.ts';
import type { Subject } from './scope.ts';

/** Where objects are looked up. */
export interface Objects {
  get(ref: ObjectRef): AnyObject | undefined;
}

/**
 * What a right on a target is asked for. Null is everything: a group as such may reach anywhere.
 * @param object as the hypervisor has it; without it, as it is known
 */
export function subjectOf(objects: Objects, target: OperationTarget, object?: AnyObject | null): Subject | null {
  if (target.kind === 'group') return null;
  const { connection, kind } = target;
  const ref = objectOf(target);
  return ref ? { connection, kind, object: object ?? objects.get(ref) } : { connection, kind };
}
