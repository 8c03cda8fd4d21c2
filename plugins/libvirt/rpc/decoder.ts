import { RpcError } from './errors.ts';
import {
  type DomainHandle,
  type LayoutField,
  type ParameterType,
  type PrimitiveName,
  parseLayout,
  STRUCTURES,
  type TypedParameter,
} from './layout.ts';
import type { XdrReader } from './xdr-reader.ts';

export type Decoder<T = unknown> = (reader: XdrReader) => T;

const PRIMITIVES: Readonly<Record<PrimitiveName, Decoder>> = {
  i32: (reader) => reader.i32(),
  u32: (reader) => reader.u32(),
  i64: (reader) => reader.i64(),
  u64: (reader) => reader.u64(),
  str: (reader) => reader.string(),
  bytes: (reader) => reader.opaque(),
  chars: (reader) => reader.wideString(),
  char32: (reader) => reader.wideString(32),
  uuid: (reader) => reader.uuid(),
  domain: decodeDomain,
  param: decodeParameter,
};

const compiled = new Map<string, Decoder>();

/** Makes the function that reads a layout into an object with its fields, in their order. */
export function compileDecoder(layout: string): Decoder {
  const fields = parseLayout(layout);
  return fields.length === 0 ? () => EMPTY : structure(fields);
}

const EMPTY = Object.freeze({});

function structure(fields: readonly LayoutField[]): Decoder {
  const names = fields.map((field) => field.name);
  const decoders = fields.map((field) => typeDecoder(field.type));
  return (reader) => {
    const result: Record<string, unknown> = {};
    decoders.forEach((decode, i) => {
      result[names[i] as string] = decode(reader);
    });
    return result;
  };
}

function typeDecoder(type: string): Decoder {
  const known = compiled.get(type);
  if (known) return known;
  const decoder = makeTypeDecoder(type);
  compiled.set(type, decoder);
  return decoder;
}

function makeTypeDecoder(type: string): Decoder {
  if (type.endsWith('?')) return optional(typeDecoder(type.slice(0, -1)));
  if (type.endsWith('[]')) return array(typeDecoder(type.slice(0, -2)));
  if (isKey(PRIMITIVES, type)) return PRIMITIVES[type];
  if (isKey(STRUCTURES, type)) return compileDecoder(STRUCTURES[type]);
  throw new Error(`"${type}" is not a type of a layout.`);
}

/** Whether `key` names something in `table`. */
export function isKey<T extends object>(table: T, key: string): key is string & keyof T {
  return Object.hasOwn(table, key);
}

function optional(decode: Decoder): Decoder {
  return (reader) => (reader.bool() ? decode(reader) : null);
}

function array(decode: Decoder): Decoder {
  return (reader) => {
    const count = reader.count();
    const result: unknown[] = [];
    for (let i = 0; i < count; i += 1) result.push(decode(reader));
    return result;
  };
}

/** Reads a domain's handle. */
export function decodeDomain(reader: XdrReader): DomainHandle {
  return { name: reader.string(), uuid: reader.uuid(), id: reader.i32() };
}

/** Types of typed parameters by their number on the wire, which counts from 1. */
export const PARAMETER_TYPES: readonly ParameterType[] = ['i32', 'u32', 'i64', 'u64', 'f64', 'bool', 'str'];

function decodeParameter(reader: XdrReader): TypedParameter {
  const field = reader.string();
  const type = reader.i32();
  switch (type) {
    case 1:
      return { field, type: 'i32', value: reader.i32() };
    case 2:
      return { field, type: 'u32', value: reader.u32() };
    case 3:
      return { field, type: 'i64', value: reader.i64() };
    case 4:
      return { field, type: 'u64', value: reader.u64() };
    case 5:
      return { field, type: 'f64', value: reader.f64() };
    case 6:
      return { field, type: 'bool', value: reader.bool() };
    case 7:
      return { field, type: 'str', value: reader.string() };
    default:
      throw new RpcError('PROTOCOL_VIOLATION', `The peer sent the parameter ${field} with the unknown type ${type}.`);
  }
}
