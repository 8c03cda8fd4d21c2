import Type, { type TSchema } from 'typebox';
import type { AnyAction } from '../../lib/actions/action.ts';
import type { CodeField, Field, Option } from './field.ts';
import { colours, type NodeDescription } from './node-description.ts';
import { approvalField, connectionField, giveUpField, modeField, quietField, targetField } from './shared-fields.ts';

const dangerColours = {
  none: colours.action,
  disruptive: colours.disruptive,
  destructive: colours.destructive,
} as const;

/** The palette node of an action: all of it follows from the declaration. */
export function describeAction(action: AnyAction): NodeDescription {
  return {
    type: nodeTypeOf(action.id),
    version: 1,
    category: action.target === 'connection' && action.id.startsWith('connection.') ? 'virtflow' : 'virtflow vm',
    colour: dangerColours[action.danger],
    icon: action.icon,
    inputs: 1,
    outputs: 1,
    label: action.label,
    summary: action.summary,
    outputLabels: ['result'],
    fields: [
      action.target === 'connection' ? connectionField : targetField,
      ...parameterFields(action),
      { ...giveUpField, placeholder: String(action.timeoutSeconds) },
      modeField,
      approvalField,
      quietField,
    ],
    action: action.id,
  };
}

/** `vm.force-off` → `virtflow-vm-force-off` */
export function nodeTypeOf(actionId: string): string {
  return `virtflow-${actionId.replaceAll('.', '-')}`;
}

/** A row for each parameter, in the order of the declaration. */
export function parameterFields(action: AnyAction): Field[] {
  const properties: Record<string, TSchema> = action.parameters.properties;
  return Object.entries(properties).map(([name, schema]) => parameterField(action.id, name, schema));
}

function parameterField(action: string, name: string, schema: TSchema): Field {
  const words = {
    name,
    label: text(schema, 'title').replace(/\s*\([^)]*\)$/, ''),
    description: text(schema, 'description'),
  };
  if (Type.IsBoolean(schema)) return { kind: 'switch', ...words, default: value(schema, 'default') === true };
  if (Type.IsInteger(schema) || Type.IsNumber(schema)) return numberField(words, name, schema);
  if (Type.IsUnion(schema))
    return { kind: 'choice', ...words, default: text(schema, 'default'), options: options(schema) };
  // JSON of any shape is written as text.
  if (Type.IsString(schema) || text(schema, 'contentMediaType') === 'application/json')
    return stringField(words, schema);
  throw new Error(`${action}: the parameter ${name} is of a kind that no form row exists for`);
}

type Words = Pick<Field, 'name' | 'label' | 'description'>;

function numberField(words: Words, name: string, schema: TSchema): Field {
  const unit = unitOf(name);
  return {
    kind: 'number',
    ...words,
    default: number(schema, 'default') ?? null,
    ...defined('minimum', number(schema, 'minimum')),
    ...defined('maximum', number(schema, 'maximum')),
    ...(unit === undefined ? {} : { unit }),
    integer: Type.IsInteger(schema),
  };
}

function stringField(words: Words, schema: TSchema): Field {
  const limits = {
    default: text(schema, 'default'),
    required: (number(schema, 'minLength') ?? 0) > 0,
    ...defined('maxLength', number(schema, 'maxLength')),
  };
  const media = text(schema, 'contentMediaType');
  if (media === '') return { kind: 'text', ...words, ...limits };
  return { kind: 'code', ...words, ...limits, language: languageOf(media) };
}

function languageOf(media: string): CodeField['language'] {
  if (media.endsWith('xml')) return 'xml';
  return media.endsWith('json') ? 'json' : 'text';
}

function options(schema: Type.TUnion): Option[] {
  return schema.anyOf.filter(Type.IsLiteral).map((one) => {
    const literal = String(one.const);
    return { value: literal, label: text(one, 'title') || literal };
  });
}

const units: readonly (readonly [suffix: string, unit: string])[] = [
  ['Seconds', 's'],
  ['MiB', 'MiB'],
  ['GiB', 'GiB'],
  ['Percent', '%'],
];

function unitOf(name: string): string | undefined {
  return units.find(([suffix]) => name.endsWith(suffix))?.[1];
}

function value(schema: TSchema, key: string): unknown {
  return Object.entries(schema).find(([name]) => name === key)?.[1];
}

function text(schema: TSchema, key: string): string {
  const found = value(schema, key);
  return typeof found === 'string' ? found : '';
}

function number(schema: TSchema, key: string): number | undefined {
  const found = value(schema, key);
  return typeof found === 'number' ? found : undefined;
}

function defined<K extends string>(key: K, found: number | undefined): { [P in K]?: number } {
  return found === undefined ? {} : ({ [key]: found } as { [P in K]?: number });
}
