import { type Static, Type } from 'typebox';
import { covers } from '../access/pattern.ts';
import { holds, selector } from '../inventory/selector.ts';
import { toVirtflowError } from '../model/errors.ts';
import type { AnyObject } from '../model/objects.ts';
import { formatRef } from '../model/reference.ts';

const closed = { additionalProperties: false };

/** For which objects a rule counts: all that is said has to hold; what is left out holds for every object. */
export const Targets = Type.Object(
  {
    connection: Type.Optional(
      Type.String({ title: 'Name of the connection, or a pattern', minLength: 1, maxLength: 200 }),
    ),
    objects: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 400 }), {
        title: 'Names, ids, connection/name or connection/kind/id, or patterns',
        minItems: 1,
        maxItems: 1_000,
      }),
    ),
    selector: Type.Optional(
      Type.String({ title: "A selector over the object, such as 'web' in tags", minLength: 1, maxLength: 2_000 }),
    ),
  },
  closed,
);
export type Targets = Static<typeof Targets>;

export function targetsProblem({ selector: text }: Targets): string | undefined {
  if (text === undefined) return undefined;
  try {
    selector(text);
    return undefined;
  } catch (error) {
    return toVirtflowError(error).message.replace(/\.$/, '');
  }
}

/** Whether an object is among them; of one that a selector cannot be asked of, it is not. */
export async function isAmong({ connection, objects, selector: text }: Targets, object: AnyObject): Promise<boolean> {
  if (connection !== undefined && !covers(connection, object.connection)) return false;
  if (objects && !objects.some((one) => namesOf(object).some((name) => covers(one, name)))) return false;
  return text === undefined || holds(text, object);
}

function namesOf(object: AnyObject): readonly string[] {
  return [object.name, object.id, `${object.connection}/${object.name}`, formatRef(object)];
}
