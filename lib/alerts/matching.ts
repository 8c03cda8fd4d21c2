import Type, { type Static } from 'typebox';
import { covers } from '../access/pattern.ts';
import { formatRef } from '../model/reference.ts';
import { severities } from '../rules/levels.ts';
import { alertStates } from './alert.ts';
import type { AlertSnapshot } from './event.ts';
import type { World } from './world.ts';

const pattern = Type.String({ minLength: 1, maxLength: 200 });

/** Which alerts are meant: all that is said has to hold; what is left out holds for every alert. */
export const MatcherSchema = Type.Object(
  {
    rule: Type.Optional(Type.String({ title: 'Name or id of the rule, or a pattern', minLength: 1, maxLength: 200 })),
    object: Type.Optional(
      Type.String({
        title: 'Name, id or connection/kind/id of the object, or a pattern',
        minLength: 1,
        maxLength: 400,
      }),
    ),
    kind: Type.Optional(Type.String({ title: 'Kind of the object: vm, host …', minLength: 1, maxLength: 40 })),
    connection: Type.Optional(pattern),
    severity: Type.Optional(Type.Array(Type.Enum([...severities]), { title: 'One of these', minItems: 1 })),
    state: Type.Optional(Type.Array(Type.Enum([...alertStates]), { title: 'One of these', minItems: 1 })),
    selector: Type.Optional(
      Type.String({ title: "A selector over the object, such as 'web' in tags", minLength: 1, maxLength: 2_000 }),
    ),
  },
  { additionalProperties: false },
);
export type Matcher = Static<typeof MatcherSchema>;

/** The first thing that does not hold, in words; undefined when all does. */
export function mismatch(matcher: Matcher, alert: AlertSnapshot, world: Pick<World, 'selected'>): string | undefined {
  const { rule, object, kind, connection, severity, state, selector } = matcher;
  if (rule !== undefined && !covers(rule, alert.ruleName) && !covers(rule, alert.rule))
    return `the rule is ${alert.ruleName}, not ${rule}`;
  if (object !== undefined && !namesOf(alert).some((name) => covers(object, name)))
    return `the object is ${alert.name}, not ${object}`;
  if (kind !== undefined && alert.object?.kind !== kind) return `the object is no ${kind}`;
  if (connection !== undefined && !covers(connection, alert.connection))
    return `the connection is ${alert.connection || 'none'}, not ${connection}`;
  if (severity !== undefined && !severity.includes(alert.severity))
    return `the severity is ${alert.severity}, not ${severity.join(' or ')}`;
  if (state !== undefined && !state.includes(alert.state)) return `it is ${alert.state}, not ${state.join(' or ')}`;
  if (selector !== undefined && !world.selected(selector, alert.object))
    return `${selector} does not hold for the object`;
  return undefined;
}

export function matches(matcher: Matcher, alert: AlertSnapshot, world: Pick<World, 'selected'>): boolean {
  return mismatch(matcher, alert, world) === undefined;
}

function namesOf({ object, name, key }: AlertSnapshot): readonly string[] {
  return object ? [name, object.id, formatRef(object)] : [name, key];
}
