import { icon, make } from '../dom.js';
import { drawNote, drawTreeRow, noteRow, partOf, treeRow } from '../list-row.js';
import { words } from '../words.js';
import { actionName, askerOf, durationOf, sentenceOf, shortTime, stateName, titleOf } from './spoken.js';
import { hasEnded, isCancellable, isGroup, isWaiting, stateIcons } from './states.js';

/** @param {ListEntry['kind']} kind */
export function makeRow(kind) {
  return kind === 'operation' ? operationRow() : noteRow(kind);
}

function operationRow() {
  const bar = make('span', { class: 'virtflow-bar', 'data-part': 'bar' }, make('span'));
  const cancel = make(
    'button',
    { type: 'button', class: 'virtflow-cancel', 'data-part': 'cancel', tabindex: -1 },
    icon('fa-times'),
  );
  return treeRow('virtflow-operation', [bar], make('div', { class: 'virtflow-tools', role: 'gridcell' }, cancel));
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
 * @param {HTMLElement} row
 * @param {Extract<ListEntry, { kind: 'operation' }>} entry
 * @param {{ selected: string, isNarrow: boolean, now: number }} view
 */
function drawOperation(row, { operation, level, isOpen, place }, { selected, isNarrow, now }) {
  const { id, state, progress } = operation;
  const inGroup = isNarrow && level === 1 && operation.parent ? words('operations.inGroup') : '';
  const about = [aboutOf(operation, place), inGroup].filter(Boolean);
  const time = timeOf(operation, now);
  const isSelected = id === selected;
  const said = JSON.stringify([id, state, progress, about, time, isOpen, level, isSelected]);
  if (row.dataset.said === said) return;
  row.dataset.said = said;
  const title = titleOf(operation);
  const label = `${stateName(operation)}: ${sentenceOf(operation)} ${about.join(', ')}. ${time}`;
  drawTreeRow(
    row,
    { className: `virtflow-operation virtflow-is-${state}`, label, level, isOpen, isSelected },
    { symbol: stateIcons[state], state: stateName(operation), title, time, about: about.join(' · ') },
  );
  drawBar(partOf(row, 'bar'), operation);
  const cancel = partOf(row, 'cancel');
  cancel.hidden = !isCancellable(operation);
  cancel.title = words('operations.cancel');
  cancel.setAttribute('aria-label', words('operations.cancelOne', { title }));
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
