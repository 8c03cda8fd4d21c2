import { resolveTarget } from '../../lib/inventory/target.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { AnyObject, InventoryKind } from '../../lib/model/objects.ts';
import { currentPlatform } from '../../lib/platform.ts';
import { adminRoute, optionalText, textOf } from '../runtime/admin-route.ts';
import type { NodeRed } from '../runtime/red.ts';
import { searchObjects } from './search.ts';

const previewed = 5;
const longestList = 50;
const kinds: readonly InventoryKind[] = ['vm', 'host', 'storage-pool', 'pool'];

/** What the target picker asks; the whole inventory never leaves. */
export function addInventoryRoutes(RED: NodeRed): void {
  adminRoute(RED, 'get', 'inventory/objects', 'virtflow.read', ({ values }) => {
    const { inventory, connections } = currentPlatform();
    const { total, found } = searchObjects(
      inventory.list({ kind: kindIn(values) }),
      optionalText(values, 'q'),
      longestList,
    );
    const deployed = connections.list().map(({ name, state }) => ({ name, phase: state.phase }));
    return { total, objects: found.map(shown), connections: deployed };
  });
  adminRoute(RED, 'post', 'inventory/select', 'virtflow.read', async ({ values, signal }) => {
    const text = textOf(values, 'selector', 2_000);
    if (text.trim() === '') throw new VirtflowError('SELECTOR_INVALID', { selector: '', reason: 'it is empty' });
    const { inventory } = currentPlatform();
    const kind = kindIn(values);
    const found = await resolveTarget(inventory, { selector: text }, { kind });
    signal.throwIfAborted();
    const names = found.map(({ name }) => name).sort((a, b) => a.localeCompare(b));
    return { total: inventory.list({ kind }).length, count: found.length, names: names.slice(0, previewed) };
  });
}

/** VMs unless told. */
function kindIn(values: Readonly<Record<string, unknown>>): InventoryKind {
  return kinds.find((kind) => kind === values.kind) ?? 'vm';
}

function shown(object: AnyObject) {
  const { name, id, connection } = object;
  return object.kind === 'vm' ? { name, id, connection, power: object.power } : { name, id, connection };
}
