import { VirtflowError } from './errors.ts';

/** What a hypervisor holds. `pool` is a resource pool of hosts (XAPI); `storage-pool` is a storage repository (XAPI: SR). */
export const objectKinds = [
  'pool',
  'host',
  'vm',
  'snapshot',
  'storage-pool',
  'volume',
  'disk',
  'nic',
  'network',
  'device',
] as const;
export type ObjectKind = (typeof objectKinds)[number];

/**
 * Names one object on one connection. `connection` is the connection's unique name; `id` is the hypervisor's own
 * lasting identifier (a UUID wherever there is one, for it survives a rename and a restart of the hypervisor).
 */
export interface ObjectRef {
  readonly connection: string;
  readonly kind: ObjectKind;
  readonly id: string;
}

export function refOf(object: ObjectRef): ObjectRef {
  return { connection: object.connection, kind: object.kind, id: object.id };
}

export function sameObject(a: ObjectRef, b: ObjectRef): boolean {
  return a.id === b.id && a.kind === b.kind && a.connection === b.connection;
}

/** `connection/kind/id`, the written form of a reference; an id may hold slashes, a connection's name may not. */
export function formatRef(ref: ObjectRef): string {
  return `${ref.connection}/${ref.kind}/${ref.id}`;
}

/** Reads what `formatRef` wrote. @throws REFERENCE_INVALID */
export function parseRef(text: string): ObjectRef {
  const [connection, kind, ...id] = text.split('/');
  if (!connection || !isObjectKind(kind) || id.join('/') === '') throw new VirtflowError('REFERENCE_INVALID', { text });
  return { connection, kind, id: id.join('/') };
}

export function isObjectKind(text: unknown): text is ObjectKind {
  return objectKinds.some((kind) => kind === text);
}
