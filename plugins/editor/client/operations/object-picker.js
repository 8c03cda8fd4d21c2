import { combobox } from '../combobox.js';
import { make, newId } from '../dom.js';
import { words } from '../words.js';
import { rest } from './rest.js';

/** The kinds that operations touch, and where REST lists them. */
const paths = { vm: 'vms', host: 'hosts', 'storage-pool': 'storage-pools', network: 'networks', pool: 'pools' };
const shownAtMost = 50;

/**
 * Picks an object of the inventory by a part of its name.
 * @param {(object: { ref: string, name: string }) => void} picked
 */
export function objectPicker(picked) {
  const kindId = newId();
  const labelId = newId();
  const kind = make('select', { id: kindId, 'aria-label': words('operations.filter.kind') });
  kind.append(...Object.keys(paths).map((one) => make('option', { value: one }, words(`operations.kind.${one}`))));
  const box = combobox({
    label: words('operations.filter.object'),
    labelledBy: labelId,
    placeholder: words('picker.placeholder'),
    search: (typed) => search(kind.value, typed),
    pick: (value) => {
      const [ref = '', name = ''] = value.split('\n');
      // What was only typed is no object.
      if (name !== '') picked({ ref, name });
    },
  });
  kind.addEventListener('change', () => box.refresh());
  const label = make('label', { id: labelId }, words('operations.filter.object'));
  const element = make('div', { class: 'virtflow-field virtflow-object' }, label, make('div', {}, kind, box.element));
  return { element };
}

/**
 * @param {string} kind
 * @param {string} typed
 * @returns {Promise<{ choices: import('../combobox.js').Choice[], note: string }>}
 */
async function search(kind, typed) {
  const path = Object.entries(paths).find(([name]) => name === kind)?.[1] ?? 'vms';
  const query = new URLSearchParams({ limit: String(shownAtMost), ...(typed ? { name: `*${typed.trim()}*` } : {}) });
  const answer = await rest('GET', `/inventory/${path}?${query}`);
  const { items, next } =
    /** @type {{ items: { connection: string, id: string, name: string }[], next: string | null }} */ (answer);
  return {
    choices: items.map(({ connection, id, name }) => ({
      value: `${connection}/${kind}/${id}\n${name}`,
      content: [
        make('span', { class: 'virtflow-vm-name' }, name),
        make('span', { class: 'virtflow-vm-place' }, connection),
      ],
    })),
    note: next ? words('operations.filter.moreObjects') : items.length === 0 ? words('operations.filter.noObject') : '',
  };
}
