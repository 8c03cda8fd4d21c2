import { resolveTarget } from '../../lib/inventory/target.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Vm } from '../../lib/model/objects.ts';
import { currentPlatform } from '../../lib/platform.ts';
import { adminRoute, optionalText, textOf } from '../runtime/admin-route.ts';
import type { NodeRed } from '../runtime/red.ts';
import { searchVms } from './search.ts';

const previewed = 5;
const longestList = 50;

/** What the target picker asks; the whole inventory never leaves. */
export function addInventoryRoutes(RED: NodeRed): void {
  adminRoute(RED, 'get', 'inventory/vms', 'virtflow.read', ({ values }) => {
    const { inventory, connections } = currentPlatform();
    const { total, found } = searchVms(inventory.list({ kind: 'vm' }), optionalText(values, 'q'), longestList);
    const deployed = connections.list().map(({ name, state }) => ({ name, phase: state.phase }));
    return { total, vms: found.map(shown), connections: deployed };
  });
  adminRoute(RED, 'post', 'inventory/select', 'virtflow.read', async ({ values, signal }) => {
    const text = textOf(values, 'selector', 2_000);
    if (text.trim() === '') throw new VirtflowError('SELECTOR_INVALID', { selector: '', reason: 'it is empty' });
    const { inventory } = currentPlatform();
    const found = await resolveTarget(inventory, { selector: text }, { kind: 'vm' });
    signal.throwIfAborted();
    const names = found.map((vm) => vm.name).sort((a, b) => a.localeCompare(b));
    return { total: inventory.list({ kind: 'vm' }).length, count: found.length, names: names.slice(0, previewed) };
  });
}

function shown({ name, id, connection, power, hostName }: Vm) {
  return { name, id, connection, power, hostName };
}
