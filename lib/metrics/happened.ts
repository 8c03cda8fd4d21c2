import type { EventType, HypervisorEvent } from '../model/event.ts';
import type { PowerState } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';
import { isObjectKind, type ObjectRef } from '../model/reference.ts';

/** How events of hypervisors and power states of VMs stand in a metric store, and what they are when they come from there. */

/** The power of a VM, as the field `power` has it. */
const powerCodes: Readonly<Record<PowerState | 'gone', number>> = {
  gone: -1,
  halted: 0,
  running: 1,
  paused: 2,
  suspended: 3,
  crashed: 4,
  unknown: 5,
};
const powers = new Map(Object.entries(powerCodes).map(([power, code]) => [code, power as PowerState | 'gone']));

/** How a VM stood at a moment; `gone` when its hypervisor did not know it any more. */
export interface Standing {
  readonly at: number;
  readonly object: ObjectRef;
  readonly name: string;
  readonly power: PowerState | 'gone';
}

/** @param host on which its object is, empty where that is not known */
export function eventSample({ type, at, object, name, reason }: HypervisorEvent, host: string): Sample {
  const { connection, kind, id } = object;
  const tags = { connection, host, id, name, kind, event: type, reason: reason ?? '' };
  return { measurement: 'event', tags, at, fields: { count: 1 } };
}

/** The event of a point, without its details; undefined for one that tells of no object. */
export function eventOf({ tags, at }: Pick<Sample, 'tags' | 'at'>): HypervisorEvent | undefined {
  const { connection, kind = '', id, name = '', event, reason } = tags;
  if (!connection || !id || !event || !isObjectKind(kind)) return undefined;
  const object = { connection, kind, id };
  return { type: event as EventType, at, object, name, reason: reason || null, details: {} };
}

export function standingSample({ at, object, name, power }: Standing, host: string): Sample {
  const { connection, id } = object;
  return { measurement: 'vm_state', tags: { connection, host, id, name }, at, fields: { power: powerCodes[power] } };
}

/** How a VM stood by a point; undefined for a code that nobody knows, of a newer virtflow. */
export function standingOf({ tags, at, fields }: Sample): Standing | undefined {
  const { connection, id, name = '' } = tags;
  const power = powers.get(fields.power ?? Number.NaN);
  return connection && id && power ? { at, object: { connection, kind: 'vm', id }, name, power } : undefined;
}
