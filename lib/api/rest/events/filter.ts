import Type, { type Static } from 'typebox';
import { formatRef, parseRef } from '../../../model/reference.ts';
import { factTypes, type StreamFact } from './fact.ts';

export const eventQuery = Type.Object({
  type: Type.Optional(
    Type.Array(Type.Enum([...factTypes]), { description: 'One or several, with commas; all without it.', minItems: 1 }),
  ),
  connection: Type.Optional(Type.String({ description: 'On this connection alone.' })),
  kind: Type.Optional(Type.String({ description: 'About objects of this kind alone: vm, host …' })),
  object: Type.Optional(Type.String({ description: 'About one object: connection/kind/id.' })),
  operation: Type.Optional(Type.String({ description: 'Of one operation: its id.' })),
});

export type EventQuery = Static<typeof eventQuery>;

/** Whether a stream was asked for a fact. @throws REFERENCE_INVALID for an object that is no reference */
export function filterOf(query: EventQuery): (fact: StreamFact) => boolean {
  const { type, connection, kind, operation } = query;
  const object = query.object === undefined ? undefined : formatRef(parseRef(query.object));
  return (fact) =>
    (type === undefined || type.includes(fact.type)) &&
    (connection === undefined || connection === fact.connection) &&
    (kind === undefined || kind === fact.object?.kind) &&
    (object === undefined || (fact.object !== undefined && object === formatRef(fact.object))) &&
    (operation === undefined || operation === fact.operation);
}
