import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { VirtflowError } from '../model/errors.ts';
import { isObjectKind } from '../model/reference.ts';
import { severities } from '../rules/levels.ts';
import { type AlertBase, alertStates, ongoingStates } from './alert.ts';
import type { Content } from './dispatches.ts';
import type { AlertNote } from './notification.ts';

const longestText = 100_000;
const longestPage = 1_000_000;
const longestTitle = 500;

const maybe = <T extends Type.TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/** What an alert of the list and a transition of a rule have in common. */
const Told = Type.Object({
  id: Type.String(),
  rule: Type.String(),
  ruleName: Type.String(),
  name: Type.String(),
  at: Type.Number(),
  why: Type.Object({ says: Type.String() }),
  object: maybe(Type.Object({ connection: Type.String(), kind: Type.String(), id: Type.String() })),
  severity: maybe(Type.Enum([...severities])),
  value: maybe(Type.Number()),
  state: Type.Optional(Type.Enum([...alertStates])),
  status: Type.Optional(Type.String()),
  since: Type.Optional(Type.Number()),
  endedAt: maybe(Type.Number()),
  acknowledged: maybe(Type.Object({ by: Type.String() })),
  affected: Type.Optional(Type.Array(Type.Object({ name: Type.String() }))),
});

/**
 * What a flow tells people: an alert as an alerts node or a rule node sends it, a text, or whatever else, as JSON.
 * @throws NOTIFICATION_INVALID where there is nothing to tell, or too much
 */
export function contentOf(value: unknown, title: string, html: string): Content {
  const content = { title: title === '' ? null : title, html: html === '' ? null : html };
  if (title.length > longestTitle) throw invalid(`its title has more than ${longestTitle} characters`);
  if (html.length > longestPage) throw invalid(`its page has more than ${longestPage} characters`);
  const note = Value.Check(Told, value) ? noteIn(value) : null;
  if (note) return { ...content, note, text: null };
  const text = Value.Check(Told, value) ? value.why.says : textOf(value);
  if (text === '' && html === '' && title === '') throw invalid('it says nothing');
  if (text.length > longestText) throw invalid(`it has more than ${longestText} characters`);
  return { ...content, note: null, text };
}

/** Null of a transition that is neither a beginning nor an end. */
function noteIn(told: Static<typeof Told>): AlertNote | null {
  const { id, rule, ruleName, name, at, why, object, severity, value, affected = [] } = told;
  const state = told.state ?? stateOf(told.status);
  if (state === undefined) return null;
  const ref = object && isObjectKind(object.kind) ? { ...object, kind: object.kind } : null;
  return {
    id,
    rule,
    ruleName,
    name,
    object: ref,
    connection: ref?.connection ?? '',
    state,
    severity: severity ?? 'warning',
    since: told.since ?? at,
    endedAt: ongoingStates.has(state) ? null : (told.endedAt ?? at),
    value: value ?? null,
    says: why.says,
    acknowledgedBy: told.acknowledged?.by ?? null,
    affected: affected.map((one) => one.name),
  };
}

function stateOf(status: string | undefined): AlertBase | undefined {
  if (status === 'ok') return 'resolved';
  return alertStates.find((state) => state === status);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? jsonOf(value) : String(value);
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value, null, 2);
  } catch (error) {
    throw new VirtflowError('NOTIFICATION_INVALID', { reason: 'it is no JSON' }, { cause: error });
  }
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('NOTIFICATION_INVALID', { reason });
}
