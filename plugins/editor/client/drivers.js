import { ask } from './api.js';
import { make, newId } from './dom.js';

/** Addresses to begin with, by driver. @type {Record<string, string[]>} */
const examples = {
  libvirt: ['qemu+unix:///system', 'qemu+unix:///session', 'qemu+tcp://host.example/system', 'test+unix:///default'],
  simulator: ['simulator:///?hosts=3&vms=12', 'simulator:///?hosts=20&vms=1000&speed=60'],
};

/**
 * Fills the choice of a driver with those that are installed, and offers addresses that fit it. An address that was
 * only an example follows the driver.
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {EditorNode} node
 */
export function offerDrivers(form, prefix, node) {
  const select = form.querySelector('select[data-virtflow-input="driver"]');
  const address = form.querySelector(`#${prefix}-uri`);
  if (!(select instanceof HTMLSelectElement) || !(address instanceof HTMLInputElement)) return;
  const list = make('datalist', { id: newId() });
  form.append(list);
  address.setAttribute('list', list.id);
  const own = String(node.driver ?? 'libvirt');
  const follow = () => {
    const fitting = examples[select.value] ?? [];
    list.replaceChildren(...fitting.map((value) => make('option', { value })));
    const isExample = Object.values(examples).flat().includes(address.value);
    if (isExample && !fitting.includes(address.value)) address.value = fitting[0] ?? '';
  };
  select.replaceChildren(make('option', { value: own, selected: true }, own));
  select.addEventListener('change', follow);
  follow();
  ask('GET', 'drivers', {}).then(
    (answer) => {
      const installed = /** @type {{ id: string, label: string }[]} */ (answer);
      const known = installed.some(({ id }) => id === own) ? installed : [{ id: own, label: own }, ...installed];
      const chosen = select.value;
      select.replaceChildren(...known.map(({ id, label }) => make('option', { value: id }, label)));
      select.value = chosen;
    },
    // Without an answer the driver that was chosen before still stands there.
    () => undefined,
  );
}
