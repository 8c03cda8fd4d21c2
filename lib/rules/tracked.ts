import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { EventType } from '../model/event.ts';
import type { PowerState } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';
import { formatRef, isObjectKind, type ObjectKind, type ObjectRef } from '../model/reference.ts';
import { isObjectState, type ObjectState } from './state.ts';

/** What a rule watches: an object of a hypervisor or a part of one, or whatever a message tells of. */
export interface Subject {
  /** Unique within the rule. */
  readonly key: string;
  readonly name: string;
  readonly object: ObjectRef | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** What an operation or an alert is of may be anything. */
const kindOf: Readonly<Partial<Record<Sample['measurement'], ObjectKind>>> = {
  vm: 'vm',
  protection: 'vm',
  vm_disk: 'vm',
  vm_nic: 'vm',
  vm_filesystem: 'vm',
  host: 'host',
  storage_pool: 'storage-pool',
  pool: 'pool',
};

/** Of the same sample under many rules it is the same. */
const subjects = new WeakMap<Sample, Subject>();

/** What a sample is of. */
export function subjectOf(sample: Sample): Subject {
  const known = subjects.get(sample);
  if (known) return known;
  const made = subjectMade(sample);
  subjects.set(sample, made);
  return made;
}

function subjectMade({ measurement, tags }: Sample): Subject {
  const { connection, id, name, mountpoint, disk, nic } = tags;
  const kind = kindOf[measurement];
  const object = connection && id && kind ? { connection, kind, id } : null;
  const part = mountpoint ?? disk ?? nic;
  const shown = name ?? id ?? '?';
  // A VM keeps its key when it moves to another host or gets another name.
  const key = `${measurement}/${connection ?? ''}/${id ?? ''}/${part ?? ''}`;
  return { key, name: part === undefined ? shown : `${shown} ${part}`, object, tags };
}

/** An object as a whole, of which something happened or is so. */
export function subjectOfObject(object: ObjectRef, name: string): Subject {
  const { connection, kind, id } = object;
  return { key: formatRef(object), name, object: { connection, kind, id }, tags: { connection, id, name } };
}

/** The subject of what is counted or joined over all objects. */
export const everything: Subject = { key: 'all', name: 'all', object: null, tags: {} };

const powers: Readonly<Partial<Record<EventType, PowerState>>> = {
  'vm.started': 'running',
  'vm.resumed': 'running',
  'vm.paused': 'paused',
  'vm.stopped': 'halted',
  'vm.suspended': 'suspended',
  'vm.crashed': 'crashed',
};

/** The state that an event leaves a VM in; undefined when it says nothing of it. */
export function powerAfter(type: EventType): PowerState | undefined {
  return powers[type];
}

export const StoredSubject = Type.Object({
  name: Type.String(),
  object: Type.Union([Type.Null(), Type.Object({ connection: Type.String(), kind: Type.String(), id: Type.String() })]),
  tags: Type.Record(Type.String(), Type.String()),
});

export interface Stored {
  readonly subject: Static<typeof StoredSubject>;
  readonly state: ObjectState;
}

export function stored({ name, object, tags }: Subject, state: ObjectState): Stored {
  return { subject: { name, object, tags }, state };
}

/** Reads what `stored` made; undefined when it is none, for instance of an older version. */
export function restored(key: string, value: unknown): { subject: Subject; state: ObjectState } | undefined {
  if (typeof value !== 'object' || value === null || !('subject' in value) || !('state' in value)) return undefined;
  const { subject, state } = value;
  if (!Value.Check(StoredSubject, subject) || !isObjectState(state)) return undefined;
  return { subject: { key, name: subject.name, object: refOf(subject.object), tags: subject.tags }, state };
}

export function refOf(object: Static<typeof StoredSubject>['object']): ObjectRef | null {
  return object && isObjectKind(object.kind) ? { ...object, kind: object.kind } : null;
}
