import { type Static, type TObject, Type } from 'typebox';
import { Value } from 'typebox/value';
import { parseDuration } from '../../lib/metrics/store/duration.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { ChoiceField, TextField } from '../forms/field.ts';
import { measurementOptions } from '../forms/shared-fields.ts';
import { givenParameters } from '../runtime/parameters.ts';
import type { Message } from '../runtime/red.ts';

/** The kinds of objects that have figures. */
export const measurementField = {
  kind: 'choice',
  name: 'measurement',
  label: 'Of',
  description: 'The kind of objects.',
  icon: 'fa-cubes',
  default: 'vm',
  options: measurementOptions,
} as const satisfies ChoiceField;

export const figureField = {
  kind: 'text',
  name: 'field',
  label: 'Figure',
  description: 'The field of the samples, such as cpu_ratio or memory_used_bytes.',
  icon: 'fa-line-chart',
  default: 'cpu_ratio',
  required: true,
  maxLength: 200,
  input: 'metric-field',
} as const satisfies TextField;

export const lastField = {
  kind: 'text',
  name: 'last',
  label: 'Of the last',
  description: 'The time up to now: 30m, 6h, 7d. In msg.parameters, from and to tell another one.',
  icon: 'fa-clock-o',
  default: '1h',
  required: true,
  maxLength: 20,
  pattern: '([0-9]+(ms|s|m|h|d|w))+',
} as const satisfies TextField;

const Moment = Type.Union([Type.String({ maxLength: 100 }), Type.Number()]);

/** What `msg.parameters` may tell of the time. */
export const rangeParameters = {
  last: Type.Optional(Type.String({ maxLength: 100 })),
  from: Type.Optional(Moment),
  to: Type.Optional(Moment),
} as const;

type RangeParameters = Static<TObject<typeof rangeParameters>>;

/** `msg.parameters`, when it is what the node understands. @throws PARAMETER_INVALID */
export function parametersIn<T extends TObject>(schema: T, message: Message): Static<T> {
  const given = givenParameters(message);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(schema.properties, name));
  if (unknown !== undefined) {
    throw invalid(unknown, `there is none of that name, but ${Object.keys(schema.properties).join(', ')}`);
  }
  if (Value.Check(schema, given)) return given;
  const [error] = Value.Errors(schema, given);
  throw invalid(error?.instancePath.split('/')[1] ?? 'parameters', error?.message ?? 'it has the wrong form');
}

/** The time that is asked for: from `from` to `to`, which is now unless told, or the `last` up to then. @throws PARAMETER_INVALID */
export function rangeOf({ last, from, to }: RangeParameters, configured: string): { from: number; to: number } {
  const end = to === undefined ? Date.now() : momentOf('to', to);
  if (from !== undefined) return { from: momentOf('from', from), to: end };
  const text = last ?? configured;
  const duration = parseDuration(text);
  if (duration === undefined) throw invalid('last', `"${text}" is not a time such as 30m, 6h or 7d`);
  return { from: Math.max(0, end - duration), to: end };
}

function momentOf(parameter: string, value: string | number): number {
  const moment = typeof value === 'number' ? value : Date.parse(value);
  if (Number.isSafeInteger(moment) && moment >= 0) return moment;
  throw invalid(parameter, `"${value}" is neither milliseconds since 1970 nor a time such as 2026-05-01T12:00:00Z`);
}

export function invalid(parameter: string, reason: string): VirtflowError {
  return new VirtflowError('PARAMETER_INVALID', { parameter, reason });
}
