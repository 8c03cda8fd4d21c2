import { type EventType, eventTypes, type HypervisorEvent } from '../model/event.ts';
import type { Sample } from '../model/reading.ts';
import { isObjectKind } from '../model/reference.ts';

const known: ReadonlySet<string> = new Set(eventTypes);

/** An event as a point of a metric store. @param host on which its object is, empty where that is not known */
export function eventPoint({ type, at, object, name, reason }: HypervisorEvent, host: string): Sample {
  const { connection, kind, id } = object;
  const tags = { connection, host, id, name, kind, event: type, reason: reason ?? '' };
  return { measurement: 'event', tags, at, fields: { count: 1 } };
}

/** The event of a point, without its details; undefined for one that is of no kind that is known. */
export function eventOf({ tags, at }: Pick<Sample, 'tags' | 'at'>): HypervisorEvent | undefined {
  const { connection, kind = '', id, name = '', event: type = '', reason } = tags;
  if (!connection || !id || !isEventType(type) || !isObjectKind(kind)) return undefined;
  return { type, at, object: { connection, kind, id }, name, reason: reason || null, details: {} };
}

function isEventType(text: string): text is EventType {
  return known.has(text);
}
