import { VirtflowError } from '../../lib/model/errors.ts';
import { type LayoutField, parseLayout, STRUCTURES } from './rpc/layout.ts';

type Values = Readonly<Record<string, unknown>>;

/** Arguments as JSON has them, as the wire takes them; what they must be, the encoder checks. @throws PARAMETER_INVALID */
export function fromJson(fields: readonly LayoutField[], args: Values): Values {
  const odd = Object.keys(args).find((name) => !fields.some((field) => field.name === name));
  if (odd !== undefined) {
    const known = fields.map(({ name, type }) => `${name}:${type}`).join(' ') || 'none';
    throw new VirtflowError('PARAMETER_INVALID', { parameter: `arguments.${odd}`, reason: `it takes ${known}` });
  }
  return record(fields, args);
}

function record(fields: readonly LayoutField[], values: Values): Values {
  return Object.fromEntries(
    fields.flatMap(({ name, type }) => (values[name] === undefined ? [] : [[name, value(type, values[name])]])),
  );
}

function value(type: string, given: unknown): unknown {
  if (given === null) return given;
  if (type.endsWith('?')) return value(type.slice(0, -1), given);
  if (type.endsWith('[]')) return Array.isArray(given) ? given.map((one) => value(type.slice(0, -2), one)) : given;
  if (type === 'bytes') return typeof given === 'string' ? Buffer.from(given, 'base64') : given;
  if (type === 'i64' || type === 'u64') return long(given);
  if (typeof given !== 'object') return given;
  if (type === 'param') return parameter({ ...given });
  const layout = Object.entries(STRUCTURES).find(([name]) => name === type)?.[1];
  return layout === undefined ? given : record(parseLayout(layout), { ...given });
}

function parameter(given: Values): Values {
  const isLong = given.type === 'i64' || given.type === 'u64';
  return isLong ? { ...given, value: long(given.value) } : given;
}

function long(given: unknown): unknown {
  return typeof given === 'string' && /^-?\d{1,20}$/.test(given) ? BigInt(given) : given;
}

/** An answer as JSON can hold it. */
export function toJson(answer: unknown): unknown {
  if (typeof answer === 'bigint') return String(answer);
  if (answer instanceof Uint8Array) return Buffer.from(answer).toString('base64');
  if (Array.isArray(answer)) return answer.map(toJson);
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, part]) => [name, toJson(part)]));
}
