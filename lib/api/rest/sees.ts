import type { SeesTags } from '../../metrics/store/metric-store.ts';
import type { Caller } from './caller.ts';
import type { RestRooms } from './rooms.ts';

/** Of which objects whoever asks may see figures. What is not in the inventory any more is seen by those who may see everything. */
export async function sightOf(
  { inventory }: Pick<RestRooms, 'inventory'>,
  { sight }: Caller,
): Promise<{ readonly sees?: SeesTags }> {
  if (await sight.everything()) return {};
  const seen = new Set<string>();
  for (const object of inventory.list()) if (await sight.object(object)) seen.add(keyOf(object.connection, object.id));
  return { sees: ({ connection = '', id = '' }) => seen.has(keyOf(connection, id)) };
}

function keyOf(connection: string, id: string): string {
  return JSON.stringify([connection, id]);
}
