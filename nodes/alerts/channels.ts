import Type, { type TObject, type TSchema } from 'typebox';
import { ownNotifiers } from '../../lib/alerts/notifiers/all.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Field } from '../forms/field.ts';
import type { Credential } from '../forms/node-description.ts';

/** A way to reach people, as its node shows it; what it is set by follows from the declaration. */
export interface Channel {
  readonly type: string;
  readonly label: string;
  readonly icon: string;
  readonly summary: string;
  /** Whether it takes HTML. */
  readonly hasPage: boolean;
  readonly schema: TObject;
}

const looks: Readonly<Record<string, Pick<Channel, 'label' | 'icon' | 'summary'>>> = {
  mail: { label: 'notify by mail', icon: 'fa-envelope', summary: 'Tells people by mail, over SMTP.' },
  webhook: { label: 'notify webhook', icon: 'fa-globe', summary: 'Tells a program by HTTP, signed.' },
  mqtt: { label: 'notify MQTT', icon: 'fa-rss', summary: 'Tells an MQTT broker, as JSON on a topic.' },
  ntfy: { label: 'notify ntfy', icon: 'fa-mobile', summary: 'Tells telephones through ntfy.' },
  gotify: { label: 'notify Gotify', icon: 'fa-mobile', summary: 'Tells telephones through Gotify.' },
  matrix: { label: 'notify Matrix', icon: 'fa-comments', summary: 'Tells a room in Matrix.' },
  slack: { label: 'notify Slack', icon: 'fa-slack', summary: 'Tells a channel in Slack, Mattermost or Rocket.Chat.' },
  syslog: { label: 'notify syslog', icon: 'fa-list-alt', summary: 'Tells a syslog server.' },
};
const withPage = new Set(['mail', 'matrix']);

export const channels: readonly Channel[] = ownNotifiers().schemas.map(({ type, schema }) => {
  const look = looks[type];
  if (!look) throw new Error(`the channel ${type} has no look`);
  return { type, schema, ...look, hasPage: withPage.has(type) };
});

/** A row for each setting that is no secret, in the order of the declaration. */
export function fieldsOf({ type, schema }: Pick<Channel, 'type' | 'schema'>): Field[] {
  return propertiesOf(schema).flatMap(([name, one]) => (isSecret(one) ? [] : [fieldOf(type, name, one)]));
}

export function credentialsOf({ schema }: Pick<Channel, 'schema'>): Credential[] {
  return propertiesOf(schema).flatMap(([name, one]) => {
    if (!isSecret(one)) return [];
    const description = `${text(one, 'description')} Kept encrypted; it never comes back here. Or what names it: \${secret:NAME}.`;
    return [{ name, type: 'password', label: text(one, 'title'), description } as const];
  });
}

/** What a form says, as the channel takes it; what is empty is left out. @throws CONTACT_INVALID */
export function settingsOf(
  { type, schema }: Pick<Channel, 'type' | 'schema'>,
  given: (name: string) => unknown,
): Readonly<Record<string, unknown>> {
  const entries = propertiesOf(schema).flatMap(([name, one]) => {
    const value = given(name);
    return value === undefined || value === null || value === '' ? [] : [[name, read(type, name, one, value)] as const];
  });
  return Object.fromEntries(entries);
}

function read(type: string, name: string, schema: TSchema, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (Type.IsArray(schema)) return value.split(',').flatMap((one) => one.trim() || []);
  if (Type.IsInteger(schema)) return Number(value);
  if (!Type.IsRecord(schema)) return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new VirtflowError('CONTACT_INVALID', { contact: type, reason: `${name} is not JSON` }, { cause: error });
  }
}

function fieldOf(channel: string, name: string, schema: TSchema): Field {
  const words = { name, label: text(schema, 'title'), description: text(schema, 'description') };
  if (Type.IsBoolean(schema)) return { kind: 'switch', ...words, default: false };
  if (Type.IsInteger(schema)) return { kind: 'number', ...words, default: null, integer: true, ...limitsOf(schema) };
  if (Type.IsEnum(schema)) {
    const options = schema.enum.map((one: unknown) => ({ value: String(one), label: String(one) }));
    return { kind: 'choice', ...words, default: text(schema, 'default'), options };
  }
  if (Type.IsRecord(schema)) return { kind: 'code', ...words, default: '', language: 'json' };
  // Its lines would be lost in a row of one.
  if (text(schema, 'contentMediaType') !== '') return { kind: 'code', ...words, default: '', language: 'text' };
  if (Type.IsString(schema) || Type.IsArray(schema)) {
    return {
      kind: 'text',
      ...words,
      default: '',
      required: !Type.IsOptional(schema),
      maxLength: number(schema, 'maxLength') ?? 20_000,
    };
  }
  throw new Error(`${channel}: no form row exists for the setting ${name}`);
}

function limitsOf(schema: TSchema) {
  const [minimum, maximum] = [number(schema, 'minimum'), number(schema, 'maximum')];
  return { ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
}

function propertiesOf({ properties }: TObject): [string, TSchema][] {
  return Object.entries(properties);
}

function isSecret(schema: TSchema): boolean {
  return entry(schema, 'writeOnly') === true;
}

function text(schema: TSchema, key: string): string {
  const found = entry(schema, key);
  return typeof found === 'string' ? found : '';
}

function number(schema: TSchema, key: string): number | undefined {
  const found = entry(schema, key);
  return typeof found === 'number' ? found : undefined;
}

function entry(schema: TSchema, key: string): unknown {
  return Object.entries(schema).find(([name]) => name === key)?.[1];
}
