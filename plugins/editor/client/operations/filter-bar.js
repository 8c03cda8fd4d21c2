import { icon, make, newId } from '../dom.js';
import { words } from '../words.js';
import { filterPanel } from './filter-panel.js';
import { activeFilters, noFilter } from './filters.js';

const typedMs = 250;

/**
 * What the list is narrowed by: words, everything else in a panel, and what is chosen as chips that take it away.
 * @param {() => OperationFilter} current
 * @param {(filter: OperationFilter) => void} changed
 * @param {() => CanvasPlace} place
 */
export function filterBar(current, changed, place) {
  const panelId = newId();
  const input = make('input', {
    type: 'search',
    placeholder: words('operations.filter.text'),
    'aria-label': words('operations.filter.text'),
    spellcheck: 'false',
    autocomplete: 'off',
  });
  const badge = make('span', { class: 'virtflow-badge', hidden: true });
  const toggle = make(
    'button',
    {
      type: 'button',
      class: 'virtflow-button',
      'aria-expanded': 'false',
      'aria-controls': panelId,
      title: words('operations.filter.title'),
      'aria-label': words('operations.filter.title'),
    },
    icon('fa-filter'),
    badge,
  );
  const chips = make('ul', { class: 'virtflow-chips', 'aria-label': words('operations.filter.active'), hidden: true });
  const panel = filterPanel(panelId, current, change, place);
  panel.element.hidden = true;
  const element = make(
    'div',
    { class: 'virtflow-filters', role: 'search', 'aria-label': words('operations.filter.title') },
    make('div', { class: 'virtflow-search' }, input, toggle),
    panel.element,
    chips,
  );
  let typed = 0;

  input.value = current().text;
  input.addEventListener('input', () => {
    window.clearTimeout(typed);
    typed = window.setTimeout(() => change({ text: input.value }), typedMs);
  });
  toggle.addEventListener('click', () => open(panel.element.hidden === true));
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || panel.element.hidden) return;
    event.stopPropagation();
    open(false);
    toggle.focus();
  });

  /** @param {boolean} isOpen */
  function open(isOpen) {
    if (isOpen) panel.open();
    panel.element.hidden = !isOpen;
    toggle.setAttribute('aria-expanded', String(isOpen));
  }

  /** @param {Partial<OperationFilter>} part */
  function change(part) {
    const { text } = current();
    changed({ ...current(), ...part });
    if (current().text !== text && document.activeElement !== input) input.value = current().text;
    draw();
  }

  function draw() {
    const filter = current();
    const names = activeFilters(filter).filter((name) => name !== 'text');
    const count = names.length;
    badge.hidden = count === 0;
    badge.textContent = String(count);
    toggle.title = count === 0 ? words('operations.filter.title') : words('operations.filter.titleCount', { count });
    toggle.setAttribute('aria-label', toggle.title);
    chips.hidden = count === 0;
    chips.replaceChildren(...names.map((name) => chip(name, filter)));
    panel.draw();
  }

  /** @param {keyof OperationFilter} name @param {OperationFilter} filter */
  function chip(name, filter) {
    const text = chipText(name, filter, place());
    const remove = make(
      'button',
      {
        type: 'button',
        class: 'virtflow-chip-remove',
        'aria-label': words('operations.filter.remove', { name: text }),
      },
      icon('fa-times'),
    );
    remove.addEventListener('click', () => {
      const index = [...chips.children].indexOf(item);
      change({ [name]: noFilter[name] });
      const next = chips.querySelectorAll('button')[Math.min(index, chips.childElementCount - 1)];
      (next ?? toggle).focus();
    });
    const item = make('li', {}, make('span', { class: 'virtflow-chip-name' }, text), remove);
    return item;
  }

  draw();
  return {
    element,
    draw,
    clear() {
      input.value = '';
      change({ ...noFilter });
    },
    focus: () => input.focus(),
  };
}

/**
 * @param {keyof OperationFilter} name
 * @param {OperationFilter} filter
 * @param {CanvasPlace} place
 */
function chipText(name, filter, place) {
  switch (name) {
    case 'states':
      return filter.states.map((state) => words(`operations.state.${state}`)).join(', ');
    case 'action':
    case 'connection':
      return filter[name];
    case 'object':
      return filter.object?.name ?? '';
    case 'scope':
      return filter.scope === 'node' ? place.nodeName || words('operations.filter.noNode') : place.flowName;
    case 'range':
      return words(`operations.range.${filter.range}`);
    default:
      return words(`operations.filter.chip.${name}`);
  }
}
