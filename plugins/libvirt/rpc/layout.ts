/**
 * The notation that procedures.ts is written in, and the TypeScript types it stands for.
 *
 * A layout is a list of fields, `name:type`, in wire order. A type is a primitive, a structure of STRUCTURES, and
 * either of them with `[]` (array) or `?` (optional: null when absent). Two fields occur so often that their bare name
 * is enough: `flags` (u32, 0 when left out) and `need_results` (i32, 1 when left out: "send the list, not its length").
 */

/** A handle: libvirt finds the domain by its uuid; `id` is -1 while it is off and may be stale. */
export interface DomainHandle {
  readonly name: string;
  readonly uuid: string;
  readonly id: number;
}

/** The wire type matters when a parameter is set: libvirt refuses another one than it expects. */
export type ParameterType = 'i32' | 'u32' | 'i64' | 'u64' | 'f64' | 'bool' | 'str';

/** libvirt's virTypedParameter. */
export interface TypedParameter {
  readonly field: string;
  readonly type: ParameterType;
  readonly value: number | boolean | string;
}

export interface TypedParameterInput {
  readonly field: string;
  readonly type: ParameterType;
  readonly value: number | bigint | boolean | string;
}

export const STRUCTURES = {
  network: 'name:str uuid:uuid',
  pool: 'name:str uuid:uuid',
  volume: 'pool:str name:str key:str',
  interface: 'name:str mac:str',
  device: 'name:str',
  secret: 'uuid:uuid usageType:i32 usageID:str',
  nwfilter: 'name:str uuid:uuid',
  binding: 'portdev:str filtername:str',
  port: 'net:network uuid:uuid',
  snapshot: 'name:str dom:domain',
  checkpoint: 'name:str dom:domain',
  vcpu_info: 'number:u32 state:i32 cpu_time:u64 cpu:i32',
  memory_stat: 'tag:i32 val:u64',
  node_stat: 'field:str value:u64',
  disk_error: 'disk:str error:i32',
  fsinfo: 'mountpoint:str name:str fstype:str dev_aliases:str[]',
  iothread_info: 'iothread_id:u32 cpumap:bytes',
  dhcp_lease: 'iface:str expirytime:i64 type:i32 mac:str? iaid:str? ipaddr:str prefix:u32 hostname:str? clientid:str?',
  ip_addr: 'type:i32 addr:str prefix:u32',
  domain_interface: 'name:str hwaddr:str? addrs:ip_addr[]',
  security_label: 'label:chars enforcing:i32',
  graphics_address: 'family:i32 node:str service:str',
  graphics_identity: 'type:str name:str',
  stats_record: 'dom:domain params:param[]',
} as const;

export type StructureName = keyof typeof STRUCTURES;

/** What a caller passes. */
interface Inputs {
  i32: number;
  u32: number;
  i64: number | bigint;
  u64: number | bigint;
  str: string;
  bytes: Uint8Array;
  chars: string;
  char32: string;
  uuid: string;
  domain: { readonly name: string; readonly uuid: string; readonly id?: number };
  param: TypedParameterInput;
}

/** What a reply or an event holds. */
interface Outputs {
  i32: number;
  u32: number;
  i64: number;
  u64: number;
  str: string;
  bytes: Buffer;
  chars: string;
  char32: string;
  uuid: string;
  domain: DomainHandle;
  param: TypedParameter;
}

export type PrimitiveName = keyof Inputs;

type Show<T> = { [K in keyof T]: T[K] };

/** The arguments that a layout asks for. */
export type Input<Layout extends string> = Show<InputFields<Layout>>;
type InputFields<L extends string> = L extends `${infer Field} ${infer Rest}`
  ? InputField<Field> & InputFields<Rest>
  : InputField<L>;
type InputField<F extends string> = F extends `${infer Name}:${infer Type}`
  ? Type extends `${infer Inner}?`
    ? { readonly [K in Name]?: InputValue<Inner> | null }
    : { readonly [K in Name]: InputValue<Type> }
  : F extends 'flags' | 'need_results'
    ? { readonly [K in F]?: number }
    : unknown;
type InputValue<T extends string> = T extends `${infer Element}[]`
  ? readonly InputValue<Element>[]
  : T extends keyof Inputs
    ? Inputs[T]
    : T extends StructureName
      ? Input<(typeof STRUCTURES)[T]>
      : never;

/** The object that a layout is decoded to. */
export type Output<Layout extends string> = Show<OutputFields<Layout>>;
type OutputFields<L extends string> = L extends `${infer Field} ${infer Rest}`
  ? OutputField<Field> & OutputFields<Rest>
  : OutputField<L>;
type OutputField<F extends string> = F extends `${infer Name}:${infer Type}`
  ? { readonly [K in Name]: OutputValue<Type> }
  : F extends 'flags' | 'need_results'
    ? { readonly [K in F]: number }
    : unknown;
type OutputValue<T extends string> = T extends `${infer Inner}?`
  ? OutputValue<Inner> | null
  : T extends `${infer Element}[]`
    ? OutputValue<Element>[]
    : T extends keyof Outputs
      ? Outputs[T]
      : T extends StructureName
        ? Output<(typeof STRUCTURES)[T]>
        : never;

export interface LayoutField {
  readonly name: string;
  readonly type: string;
  /** Written when the caller leaves the field out. */
  readonly fallback?: number;
}

const ABBREVIATED: Readonly<Record<string, LayoutField>> = {
  flags: { name: 'flags', type: 'u32', fallback: 0 },
  need_results: { name: 'need_results', type: 'i32', fallback: 1 },
};

/** Reads a layout's fields. @throws Error on a field that is neither `name:type` nor abbreviated */
export function parseLayout(layout: string): LayoutField[] {
  return layout.split(' ').filter(Boolean).map(parseField);
}

function parseField(text: string): LayoutField {
  const [name, type] = text.split(':');
  if (name && type) return { name, type };
  const field = ABBREVIATED[text];
  if (!field) throw new Error(`"${text}" is not a field of a layout.`);
  return field;
}
