import { icon, make } from '../dom.js';
import { words } from '../words.js';
import { actionName, askerOf, durationOf, sentenceOf, shortTime, stateName, titleOf } from './spoken.js';
import { hasEnded, isCancellable, isGroup, isWaiting, stateIcons } from './states.js';

/** @param {ListEntry['kind']} kind */
export function makeRow(kind) {
  if (kind === 'operation') return operationRow();
  const row = make('div', { class: `virtflow-${kind}`, role: 'row' });
  row.append(make('span', { role: kind === 'heading' ? 'rowheader' : 'gridcell' }));
  return row;
}

function operationRow() {
  const toggle = make(
    'span',
    { class: 'virtflow-toggle', 'data-part': 'toggle', 'aria-hidden': 'true' },
    icon('fa-angle-right'),
  );
  const state = make('i', { 'data-part': 'state', 'aria-hidden': 'true' });
  const title = make('span', { class: 'virtflow-title', 'data-part': 'title' });
  const time = make('span', { class: 'virtflow-time', 'data-part': 'time' });
  const about = make('span', { class: 'virtflow-about', 'data-part': 'about' });
  const bar = make('span', { class: 'virtflow-bar', 'data-part': 'bar' }, make('span'));
  const cell = make('div', { class: 'virtflow-cell', role: 'gridcell' }, title, time, about, bar);
  const cancel = make(
    'button',
    { type: 'button', class: 'virtflow-cancel', 'data-part': 'cancel', tabindex: -1 },
    icon('fa-times'),
  );
  const tools = make('div', { class: 'virtflow-tools', role: 'gridcell' }, cancel);
  return make('div', { class: 'virtflow-operation', role: 'row', tabindex: -1 }, toggle, state, cell, tools);
}

/**
 * @param {HTMLElement} row
 * @param {ListEntry} entry
 * @param {{ selected: string, isNarrow: boolean, now: number }} view
 */
export function drawRow(row, entry, view) {
  if (entry.kind === 'operation') drawOperation(row, entry, view);
  else drawNote(row, entry);
}

/**
 * A heading, or a note with what may be done about it.
 * @param {HTMLElement} row
 * @param {Exclude<ListEntry, { kind: 'operation' }>} entry
 */
export function drawNote(row, entry) {
  const cell = row.firstElementChild;
  if (!cell || row.dataset.said === entry.text) return;
  row.dataset.said = entry.text;
  cell.replaceChildren(entry.text);
  if (entry.kind !== 'note' || !entry.action) return;
  const { text, run } = entry.action;
  const button = make('button', { type: 'button', class: 'red-ui-button red-ui-button-small' }, text);
  button.addEventListener('click', run);
  cell.append(' ', button);
}

/**
 * @param {HTMLElement} row
 * @param {Extract<ListEntry, { kind: 'operation' }>} entry
 * @param {{ selected: string, isNarrow: boolean, now: number }} view
 */
function drawOperation(row, { operation, level, isOpen, place }, { selected, isNarrow, now }) {
  const { id, state, progress } = operation;
  const about = [
    aboutOf(operation, place),
    isNarrow && level === 1 && operation.parent ? words('operations.inGroup') : '',
  ];
  const time = timeOf(operation, now);
  const isSelected = id === selected;
  const said = JSON.stringify([id, state, progress, about, time, isOpen, level, isSelected]);
  if (row.dataset.said === said) return;
  row.dataset.said = said;
  row.className = `virtflow-operation virtflow-is-${state}${isSelected ? ' virtflow-is-selected' : ''}`;
  row.style.setProperty('--virtflow-level', String(level - 1));
  row.setAttribute('aria-level', String(level));
  row.setAttribute('aria-selected', String(isSelected));
  row.setAttribute(
    'aria-label',
    `${stateName(operation)}: ${sentenceOf(operation)} ${about.filter(Boolean).join(', ')}. ${time}`,
  );
  if (isOpen === undefined) row.removeAttribute('aria-expanded');
  else row.setAttribute('aria-expanded', String(isOpen));
  partOf(row, 'toggle').classList.toggle('virtflow-has-members', isOpen !== undefined);
  partOf(row, 'state').className = `fa fa-fw ${stateIcons[state]} virtflow-state`;
  partOf(row, 'state').title = stateName(operation);
  partOf(row, 'title').textContent = titleOf(operation);
  partOf(row, 'time').textContent = time;
  partOf(row, 'about').textContent = about.filter(Boolean).join(' · ');
  partOf(row, 'about').title = about.filter(Boolean).join(' · ');
  drawBar(partOf(row, 'bar'), operation);
  const cancel = partOf(row, 'cancel');
  cancel.hidden = !isCancellable(operation);
  const label = words('operations.cancelOne', { title: titleOf(operation) });
  cancel.title = words('operations.cancel');
  cancel.setAttribute('aria-label', label);
}

/** @param {HTMLElement} bar @param {OperationSummary} operation */
function drawBar(bar, operation) {
  const runs = !hasEnded(operation) && !isWaiting(operation);
  bar.hidden = !runs;
  const filled = bar.firstElementChild;
  if (filled instanceof HTMLElement) filled.style.transform = `scaleX(${operation.progress})`;
}

/** @param {OperationSummary} operation @param {number | undefined} place */
function aboutOf(operation, place) {
  const { target, error, step, progress, members, mode, state, waits, action, startedAt, endedAt } = operation;
  const where = target.connection;
  const group = isGroup(operation) ? [actionName(action), words('operations.members', { count: members ?? 0 })] : [];
  const plan = mode === 'plan' && state !== 'planned' ? words('operations.state.planned') : '';
  const queue = place === undefined ? '' : words('operations.place', { place });
  const asker = askerOf(operation);
  const took = endedAt !== null && startedAt !== null ? durationOf(endedAt - startedAt) : '';
  if (state === 'running')
    return [`${Math.round(progress * 100)} %`, step, ...group, where, asker].filter(Boolean).join(' · ');
  if (isWaiting(operation)) return [queue, waits, ...group, where, asker].filter(Boolean).join(' · ');
  return [error?.code, plan, ...group, where, asker, took].filter(Boolean).join(' · ');
}

/** @param {OperationSummary} operation @param {number} now */
function timeOf({ endedAt, startedAt, queuedAt, state }, now) {
  if (endedAt !== null) return shortTime(queuedAt);
  const since = state === 'running' ? (startedAt ?? queuedAt) : queuedAt;
  const seconds = Math.floor((now - since) / 1000);
  return seconds > 0 ? durationOf(seconds * 1000) : '';
}

/** @param {HTMLElement} row @param {string} name @returns {HTMLElement} */
export function partOf(row, name) {
  const found = row.querySelector(`[data-part="${name}"]`);
  if (found instanceof HTMLElement) return found;
  throw new Error(`a row has no ${name}`);
}
