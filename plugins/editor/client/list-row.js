import { icon, make } from './dom.js';

/**
 * The row of a heading, a note, or whatever else is one cell of text.
 * @param {string} kind
 */
export function noteRow(kind) {
  const row = make('div', { class: `virtflow-${kind}`, role: 'row' });
  row.append(make('span', { role: kind === 'heading' ? 'rowheader' : 'gridcell' }));
  return row;
}

/**
 * A heading, or a note with what may be done about it.
 * @param {HTMLElement} row
 * @param {{ kind: string, text: string, action?: { text: string, run: () => void } | undefined }} entry
 */
export function drawNote(row, { kind, text, action }) {
  const cell = row.firstElementChild;
  if (!cell || row.dataset.said === text) return;
  row.dataset.said = text;
  cell.replaceChildren(text);
  if (kind !== 'note' || !action) return;
  const button = make('button', { type: 'button', class: 'red-ui-button red-ui-button-small' }, action.text);
  button.addEventListener('click', action.run);
  cell.append(' ', button);
}

/**
 * The row of something that may have members beneath it: how it stands, a title, a time, and a line about it.
 * @param {string} className
 * @param {readonly HTMLElement[]} beneath what else stands in the cell
 * @param {...HTMLElement} beside
 */
export function treeRow(className, beneath = [], ...beside) {
  const toggle = make(
    'span',
    { class: 'virtflow-toggle', 'data-part': 'toggle', 'aria-hidden': 'true' },
    icon('fa-angle-right'),
  );
  const state = make('i', { 'data-part': 'state', 'aria-hidden': 'true' });
  const title = make('span', { class: 'virtflow-title', 'data-part': 'title' });
  const time = make('span', { class: 'virtflow-time', 'data-part': 'time' });
  const about = make('span', { class: 'virtflow-about', 'data-part': 'about' });
  const cell = make('div', { class: 'virtflow-cell', role: 'gridcell' }, title, time, about, ...beneath);
  return make('div', { class: className, role: 'row', tabindex: -1 }, toggle, state, cell, ...beside);
}

/**
 * @param {HTMLElement} row
 * @param {{ className: string, label: string, level: number, isOpen: boolean | undefined, isSelected: boolean }} as
 *   `isOpen` is undefined where there is nothing to open
 * @param {{ symbol: string, state: string, title: string, time: string, about: string }} texts
 */
export function drawTreeRow(
  row,
  { className, label, level, isOpen, isSelected },
  { symbol, state, title, time, about },
) {
  row.className = `${className}${isSelected ? ' virtflow-is-selected' : ''}`;
  row.style.setProperty('--virtflow-level', String(level - 1));
  row.setAttribute('aria-level', String(level));
  row.setAttribute('aria-selected', String(isSelected));
  row.setAttribute('aria-label', label);
  if (isOpen === undefined) row.removeAttribute('aria-expanded');
  else row.setAttribute('aria-expanded', String(isOpen));
  partOf(row, 'toggle').classList.toggle('virtflow-has-members', isOpen !== undefined);
  partOf(row, 'state').className = `fa fa-fw ${symbol} virtflow-state`;
  partOf(row, 'state').title = state;
  partOf(row, 'title').textContent = title;
  partOf(row, 'time').textContent = time;
  partOf(row, 'about').textContent = about;
  partOf(row, 'about').title = about;
}

/** @param {HTMLElement} row @param {string} name @returns {HTMLElement} */
export function partOf(row, name) {
  const found = row.querySelector(`[data-part="${name}"]`);
  if (found instanceof HTMLElement) return found;
  throw new Error(`a row has no ${name}`);
}
