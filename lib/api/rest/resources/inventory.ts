import Type from 'typebox';
import { covers } from '../../../access/pattern.ts';
import type { Sight } from '../../../access/sight.ts';
import { selector } from '../../../inventory/selector.ts';
import { VirtflowError } from '../../../model/errors.ts';
import type { AnyObject, InventoryKind } from '../../../model/objects.ts';
import { formatRef } from '../../../model/reference.ts';
import { pageAnswer, readCursor, writeCursor } from '../cursor.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';
import { pageOf, paging } from '../schemas/common.ts';
import { kindPaths, objectSchemas } from '../schemas/objects.ts';

const tag = 'inventory';

const listQuery = Type.Object({
  connection: Type.Optional(Type.String({ description: 'On this connection alone.' })),
  name: Type.Optional(Type.String({ description: 'Of this name; `*` stands for any characters.', maxLength: 200 })),
  selector: Type.Optional(
    Type.String({ description: "A condition in JSONata, such as power = 'running'.", maxLength: 10_000 }),
  ),
  ...paging,
});

/** What exists now, a pair of routes for each kind of object. */
export function inventoryRoutes(rooms: RestRooms): readonly Route[] {
  const kinds: readonly InventoryKind[] = ['vm', 'host', 'network', 'storage-pool', 'volume', 'snapshot', 'pool'];
  return kinds.flatMap((kind) => routesOf(kind, rooms));
}

function routesOf(kind: InventoryKind, { inventory }: RestRooms): Route[] {
  const schema = objectSchemas[kind];
  const plural = `/inventory/${kindPaths[kind]}`;
  const objects = kind.replace('-', ' ');
  return [
    route({
      method: 'GET',
      path: plural,
      id: `list-${kindPaths[kind]}`,
      tag,
      summary: `Every ${objects} that you may see`,
      query: listQuery,
      answers: {
        200: { description: 'A page, by connection and name.', schema: pageOf(schema, `Page of ${kindPaths[kind]}`) },
      },
      handle: async (call) => {
        const { connection, name, selector: condition, limit, cursor } = call.query;
        const after = cursor === undefined ? undefined : placeIn(cursor);
        const named = (object: AnyObject) => name === undefined || covers(name, object.name);
        const candidates = inventory.list({ kind, connection }).filter(named).map(placed);
        candidates.sort((a, b) => inOrder(a.place, b.place));
        const page = await visible(candidates, { sight: call.caller.sight, condition, limit, after });
        return pageAnswer(page.items, page.next, call, plural);
      },
    }),
    route({
      method: 'GET',
      path: `${plural}/{connection}/{id}`,
      id: `get-${kind}`,
      tag,
      summary: `One ${objects}`,
      pathParameters: { connection: 'The name of the connection.', id: 'Its id; a slash in it is written %2F.' },
      answers: { 200: { description: 'As it is now.', schema } },
      handle: async ({ path, caller }) => {
        const ref = { connection: path.connection ?? '', kind, id: path.id ?? '' };
        const object = inventory.get(ref);
        if (object && (await caller.sight.object(object))) return { status: 200, body: object };
        throw new VirtflowError('OBJECT_UNKNOWN', { kind, target: formatRef(ref), hint: 'it may have been deleted.' });
      },
    }),
  ];
}

type Place = readonly [connection: string, name: string, id: string];

interface Placed {
  readonly object: AnyObject;
  readonly place: Place;
}

interface Wanted {
  readonly sight: Sight;
  readonly condition: string | undefined;
  readonly limit: number;
  readonly after: Place | undefined;
}

function placed(object: AnyObject): Placed {
  return { object, place: [object.connection, object.name, object.id] };
}

/** By code units, for a cursor must mean the same on every machine. */
function inOrder(a: Place, b: Place): number {
  for (const [index, text] of a.entries()) {
    const other = b[index] ?? '';
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}

async function visible(candidates: readonly Placed[], { sight, condition, limit, after }: Wanted) {
  const fits = condition === undefined ? undefined : selector(condition);
  const items: AnyObject[] = [];
  let last: Place | undefined;
  for (const { object, place } of candidates) {
    if (after && inOrder(place, after) <= 0) continue;
    if (!(await sight.object(object)) || (fits && !(await fits.matches(object)))) continue;
    if (items.length === limit) return { items, next: last ? writeCursor(last) : null };
    items.push(object);
    last = place;
  }
  return { items, next: null };
}

function placeIn(cursor: string): Place {
  const isPlace = (place: readonly unknown[]) => place.length === 3 && place.every((part) => typeof part === 'string');
  const [connection, name, id] = readCursor(cursor, isPlace);
  return [String(connection), String(name), String(id)];
}
