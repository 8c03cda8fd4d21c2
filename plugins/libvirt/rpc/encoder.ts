import { isKey, PARAMETER_TYPES } from './decoder.ts';
import { RpcError } from './errors.ts';
import { type LayoutField, type ParameterType, type PrimitiveName, parseLayout, STRUCTURES } from './layout.ts';
import type { XdrWriter } from './xdr-writer.ts';

/** Writes `value`. @throws RpcError ARGUMENT_INVALID, naming where in the arguments and why */
export type Encoder = (writer: XdrWriter, value: unknown) => void;

type MakeEncoder = (where: string) => Encoder;

const TWO_32 = 2 ** 32;
const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;

const PRIMITIVES: Readonly<Record<PrimitiveName, MakeEncoder>> = {
  i32: (where) => (writer, value) => writer.i32(integer(value, -(2 ** 31), 2 ** 31 - 1, where)),
  u32: (where) => (writer, value) => writer.u32(integer(value, 0, TWO_32 - 1, where)),
  i64: (where) => (writer, value) => writer.i64(hyper(value, -TWO_63, TWO_63, where)),
  u64: (where) => (writer, value) => writer.u64(hyper(value, 0, TWO_64, where)),
  str: (where) => (writer, value) => writer.string(text(value, where)),
  bytes: (where) => (writer, value) => writer.opaque(bytes(value, where)),
  chars: (where) => (writer, value) => writer.wideString(text(value, where)),
  char32: () => () => {
    throw new Error('char32 stands in replies only.');
  },
  uuid: (where) => (writer, value) => writer.uuid(uuid(value, where)),
  domain: domainEncoder,
  param: parameterEncoder,
};

/** Makes the function that writes an object by a layout; `where` begins the path that its errors name. */
export function compileEncoder(layout: string, where: string): Encoder {
  return structure(parseLayout(layout), where);
}

function structure(fields: readonly LayoutField[], where: string): Encoder {
  const encoders = fields.map(({ name, type }) => typeEncoder(type, `${where}.${name}`));
  return (writer, value) => {
    const values = record(value, where);
    encoders.forEach((encode, i) => {
      const field = fields[i] as LayoutField;
      encode(writer, values[field.name] ?? field.fallback);
    });
  };
}

function typeEncoder(type: string, where: string): Encoder {
  if (type.endsWith('?')) return optional(typeEncoder(type.slice(0, -1), where));
  if (type.endsWith('[]')) return array(typeEncoder(type.slice(0, -2), `${where}[]`), where);
  if (isKey(PRIMITIVES, type)) return PRIMITIVES[type](where);
  if (isKey(STRUCTURES, type)) return compileEncoder(STRUCTURES[type], where);
  throw new Error(`"${type}" is not a type of a layout.`);
}

function optional(encode: Encoder): Encoder {
  return (writer, value) => {
    const present = value !== undefined && value !== null;
    writer.u32(present ? 1 : 0);
    if (present) encode(writer, value);
  };
}

function array(encode: Encoder, where: string): Encoder {
  return (writer, value) => {
    if (!Array.isArray(value)) throw invalid(where, 'an array', value);
    writer.u32(value.length);
    for (const element of value) encode(writer, element);
  };
}

function domainEncoder(where: string): Encoder {
  return (writer, value) => {
    const domain = record(value, where);
    writer.string(text(domain.name, `${where}.name`));
    writer.uuid(uuid(domain.uuid, `${where}.uuid`));
    writer.i32(integer(domain.id ?? -1, -(2 ** 31), 2 ** 31 - 1, `${where}.id`));
  };
}

function parameterEncoder(where: string): Encoder {
  const values: Record<ParameterType, Encoder> = {
    i32: PRIMITIVES.i32(where),
    u32: PRIMITIVES.u32(where),
    i64: PRIMITIVES.i64(where),
    u64: PRIMITIVES.u64(where),
    f64: (writer, value) => writer.f64(finite(value, where)),
    bool: (writer, value) => writer.u32(value ? 1 : 0),
    str: PRIMITIVES.str(where),
  };
  return (writer, value) => {
    const { field, type, value: content } = record(value, where);
    if (typeof type !== 'string' || !isKey(values, type)) throw invalid(`${where}.type`, 'a parameter type', type);
    writer.string(text(field, `${where}.field`));
    writer.i32(PARAMETER_TYPES.indexOf(type) + 1);
    values[type](writer, content);
  };
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw invalid(where, 'an object', value);
  return value as Record<string, unknown>;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw invalid(where, 'a string', value);
  // libvirt reads C strings: what stands behind a NUL would be lost without a word.
  if (value.includes('\0')) throw invalid(where, 'a string without NUL', value);
  return value;
}

function bytes(value: unknown, where: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalid(where, 'bytes', value);
  return value;
}

function integer(value: unknown, least: number, most: number, where: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(where, `a whole number from ${least} to ${most}`, value);
}

// The number 2^64 stands for the unlimited mark 2^64-1, which no number can hold: see XdrReader.
function hyper(value: unknown, least: number, end: number, where: string): number | bigint {
  const fits =
    typeof value === 'bigint'
      ? value >= BigInt(least) && value < BigInt(end)
      : Number.isInteger(value) && Number(value) >= least && (Number(value) < end || (end === TWO_64 && value === end));
  if (!fits) throw invalid(where, `a whole number from ${least} to below ${end}`, value);
  return value as number | bigint;
}

function finite(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalid(where, 'a number', value);
}

function uuid(value: unknown, where: string): string {
  const hex = text(value, where).replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw invalid(where, 'a UUID', value);
  return hex;
}

function invalid(where: string, expected: string, value: unknown): RpcError {
  return new RpcError('ARGUMENT_INVALID', `${where} must be ${expected}; it is ${show(value)}.`);
}

// Says what kind of thing it is and never a string's text: it may be a password.
function show(value: unknown): string {
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return value === null ? 'null' : typeof value;
}
