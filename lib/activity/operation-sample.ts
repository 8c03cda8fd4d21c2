import type { AnyObject } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';
import type { Operation } from '../operations/operation.ts';

/**
 * The point of an operation that has ended; undefined for a plan, which changes nothing, and for a group, whose members
 * have points of their own.
 * @param object its target, as the inventory has it
 */
export function operationSample(operation: Operation, object: AnyObject | undefined): Sample | undefined {
  const { target, targetName, action, state, origin, queuedAt, startedAt, endedAt } = operation;
  if (endedAt === null || state === 'planned' || target.kind === 'group') return undefined;
  return {
    measurement: 'operation',
    tags: {
      connection: target.connection,
      host: hostOf(object),
      id: 'id' in target ? target.id : '',
      name: targetName,
      action,
      outcome: state,
      origin: origin.through,
    },
    at: endedAt,
    fields: {
      count: 1,
      waited_seconds: seconds(queuedAt, startedAt ?? endedAt),
      // What was refused or cancelled before its turn took no time at all; it would pull every mean down.
      ...(startedAt === null ? {} : { duration_seconds: seconds(startedAt, endedAt) }),
    },
  };
}

/** The host that an object is on, by its name; empty where that is not known. */
export function hostOf(object: AnyObject | undefined): string {
  if (object?.kind === 'host') return object.name;
  return object?.kind === 'vm' ? (object.hostName ?? '') : '';
}

/** A clock that was set back in between makes nothing shorter than nothing. */
function seconds(from: number, to: number): number {
  return Math.max(0, to - from) / 1_000;
}
