import type { Vm } from '../../lib/model/objects.ts';

/**
 * VMs whose name, tag, id or connection holds each of the typed words; a name that begins with what was typed comes
 * first.
 */
export function searchVms(vms: readonly Vm[], typed: string, limit: number): { total: number; found: Vm[] } {
  const words = typed
    .toLowerCase()
    .split(/[\s/]+/)
    .filter(Boolean);
  const [first = ''] = words;
  const matching = vms.filter((vm) => {
    const text = `${vm.connection}/${vm.name} ${vm.tags.join(' ')} ${vm.id}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const rank = (vm: Vm) => (vm.name.toLowerCase().startsWith(first) ? 0 : 1);
  matching.sort((a, b) => rank(a) - rank(b) || collator.compare(a.name, b.name));
  return { total: matching.length, found: matching.slice(0, limit) };
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
