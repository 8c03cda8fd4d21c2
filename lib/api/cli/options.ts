import { readFileSync } from 'node:fs';
import Type, { type TSchema } from 'typebox';
import type { AnyAction } from '../../actions/action.ts';
import { VirtflowError } from '../../model/errors.ts';

/** An option of the command line, as `node:util` parseArgs takes it, and what a person reads of it. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  readonly says: string;
  /** What its value is called. */
  readonly value?: string;
}

export type Options = Readonly<Record<string, Option>>;

/** The parameters of an action as options: `waitSeconds` is `--wait-seconds`. */
export function parameterOptions(action: AnyAction): Options {
  return Object.fromEntries(parametersOf(action).map(([name, schema]) => [optionName(name), optionOf(schema)]));
}

/**
 * What was given of an action's parameters; a text that is a definition is read from the file it names, `-` for standard
 * input.
 * @throws OPTION_INVALID
 */
export function parametersIn(action: AnyAction, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = parametersOf(action).flatMap(([name, schema]) => {
    const value = values[optionName(name)];
    return value === undefined ? [] : [[name, parameterOf(optionName(name), schema, value)] as const];
  });
  return Object.fromEntries(given);
}

/** `waitSeconds` → `wait-seconds` */
export function optionName(parameter: string): string {
  return parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function parametersOf(action: AnyAction): [string, TSchema][] {
  const properties: Record<string, TSchema> = action.parameters.properties;
  return Object.entries(properties);
}

function optionOf(schema: TSchema): Option {
  const says = [textOf(schema, 'description'), defaultOf(schema)].filter((part) => part !== '').join(' ');
  if (Type.IsBoolean(schema)) return { type: 'boolean', says };
  return { type: 'string', says, value: valueName(schema) };
}

function valueName(schema: TSchema): string {
  if (isFile(schema)) return 'file';
  if (Type.IsInteger(schema) || Type.IsNumber(schema)) return 'number';
  if (!Type.IsUnion(schema)) return 'text';
  return schema.anyOf.map((one) => ('const' in one ? String(one.const) : '…')).join('|');
}

function parameterOf(option: string, schema: TSchema, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (isFile(schema)) return contentOf(option, value);
  if (!Type.IsInteger(schema) && !Type.IsNumber(schema)) return value;
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number)) return number;
  throw new VirtflowError('OPTION_INVALID', {
    option: `--${option}`,
    reason: `"${value.slice(0, 50)}" is not a number`,
  });
}

function contentOf(option: string, path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VirtflowError('OPTION_INVALID', { option: `--${option}`, reason }, { cause: error });
  }
}

function isFile(schema: TSchema): boolean {
  return Type.IsString(schema) && 'contentMediaType' in schema;
}

function defaultOf(schema: TSchema): string {
  if (!('default' in schema) || schema.default === '' || schema.default === false) return '';
  return `${String(schema.default)} unless told.`;
}

function textOf(schema: TSchema, key: string): string {
  const value: unknown = Reflect.get(schema, key);
  return typeof value === 'string' ? value : '';
}
