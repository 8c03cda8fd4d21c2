import Type, { type TSchema } from 'typebox';
import type {
  Disk,
  Host,
  InventoryKind,
  Network,
  Nic,
  Pool,
  Snapshot,
  StoragePool,
  Vm,
  Volume,
} from '../../../model/objects.ts';
import { orNull, time } from './common.ts';

/** A schema for each key of a model's type: none is forgotten, none is made up. */
type Properties<T> = { readonly [K in keyof T]-?: TSchema };

const text = Type.String();
const flag = Type.Boolean();
const count = Type.Integer({ minimum: 0 });
const bytes = Type.Number({ minimum: 0 });
const oneOf = <const T extends readonly string[]>(...texts: T) => Type.Enum([...texts]);

const common = {
  connection: text,
  id: Type.String({ description: "The hypervisor's own lasting identifier." }),
  name: text,
  description: text,
  tags: Type.Array(text),
};

const disk = Type.Object({
  target: text,
  device: oneOf('disk', 'cdrom', 'floppy', 'lun'),
  source: orNull(text),
  readOnly: flag,
  shareable: flag,
} satisfies Properties<Disk>);

const nic = Type.Object({ mac: text, network: orNull(text), model: orNull(text) } satisfies Properties<Nic>);

const range = (unit: TSchema) => Type.Object({ current: unit, maximum: unit });

/** What the inventory holds, by kind. */
export const objectSchemas = {
  vm: Type.Object(
    {
      ...common,
      kind: Type.Literal('vm'),
      power: oneOf('running', 'paused', 'halted', 'suspended', 'crashed', 'unknown'),
      host: orNull(text),
      hostName: orNull(text),
      vcpus: range(count),
      memoryBytes: range(bytes),
      persistent: flag,
      autostart: flag,
      template: flag,
      agent: oneOf('connected', 'disconnected', 'absent', 'unknown'),
      disks: Type.Array(disk),
      nics: Type.Array(nic),
    } satisfies Properties<Vm>,
    { title: 'VM' },
  ),
  host: Type.Object(
    {
      ...common,
      kind: Type.Literal('host'),
      pool: orNull(text),
      live: flag,
      enabled: flag,
      cpu: Type.Object({ count, sockets: count, model: text, mhz: Type.Number() }),
      memoryBytes: bytes,
      hypervisor: Type.Object({ name: text, version: text }),
      address: orNull(text),
    } satisfies Properties<Host>,
    { title: 'Host' },
  ),
  network: Type.Object(
    { ...common, kind: Type.Literal('network'), active: flag, bridge: orNull(text) } satisfies Properties<Network>,
    { title: 'Network' },
  ),
  'storage-pool': Type.Object(
    {
      ...common,
      kind: Type.Literal('storage-pool'),
      type: text,
      active: flag,
      shared: flag,
      capacityBytes: bytes,
      usedBytes: bytes,
    } satisfies Properties<StoragePool>,
    { title: 'Storage pool' },
  ),
  volume: Type.Object(
    {
      ...common,
      kind: Type.Literal('volume'),
      pool: text,
      path: orNull(text),
      format: text,
      capacityBytes: bytes,
      usedBytes: bytes,
    } satisfies Properties<Volume>,
    { title: 'Volume' },
  ),
  snapshot: Type.Object(
    {
      ...common,
      kind: Type.Literal('snapshot'),
      vm: text,
      parent: orNull(text),
      createdAt: time('When it was taken.'),
      withMemory: flag,
    } satisfies Properties<Snapshot>,
    { title: 'Snapshot' },
  ),
  pool: Type.Object(
    {
      ...common,
      kind: Type.Literal('pool'),
      coordinator: orNull(text),
      highAvailability: flag,
    } satisfies Properties<Pool>,
    { title: 'Pool' },
  ),
} satisfies { readonly [K in InventoryKind]: TSchema };

/** The kinds in the plural, as they stand in paths. */
export const kindPaths: Readonly<Record<InventoryKind, string>> = {
  vm: 'vms',
  host: 'hosts',
  network: 'networks',
  'storage-pool': 'storage-pools',
  volume: 'volumes',
  snapshot: 'snapshots',
  pool: 'pools',
};
