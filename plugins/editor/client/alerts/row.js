import { icon, make } from '../dom.js';
import { drawNote, partOf } from '../operations/row.js';
import { shortTime } from '../operations/spoken.js';
import { words } from '../words.js';
import { ageOf, flagsOf, severityIcons, severityName, stateName, titleOf } from './spoken.js';

/** @param {string} kind */
export function makeRow(kind) {
  if (kind === 'alert') return alertRow();
  const row = make('div', { class: `virtflow-${kind}`, role: 'row' });
  row.append(make('span', { role: kind === 'heading' ? 'rowheader' : 'gridcell' }));
  return row;
}

function alertRow() {
  const toggle = make(
    'span',
    { class: 'virtflow-toggle', 'data-part': 'toggle', 'aria-hidden': 'true' },
    icon('fa-angle-right'),
  );
  const state = make('i', { 'data-part': 'state', 'aria-hidden': 'true' });
  const title = make('span', { class: 'virtflow-title', 'data-part': 'title' });
  const time = make('span', { class: 'virtflow-time', 'data-part': 'time' });
  const about = make('span', { class: 'virtflow-about', 'data-part': 'about' });
  const cell = make('div', { class: 'virtflow-cell', role: 'gridcell' }, title, time, about);
  return make('div', { class: 'virtflow-operation virtflow-alert', role: 'row', tabindex: -1 }, toggle, state, cell);
}

/**
 * @param {HTMLElement} row
 * @param {AlertEntry} entry
 * @param {{ selected: string, now: number }} view
 */
export function drawRow(row, entry, { selected, now }) {
  if (entry.kind !== 'alert') return drawNote(row, entry);
  const { alert, level, isOpen, members } = entry;
  const { id, severity, since, endedAt, ongoing, suppressed, acknowledged, why } = alert;
  const count = members > 0 ? words('alerts.members', { count: members }) : '';
  const about = [count, why.says, ...flagsOf(alert)].filter(Boolean).join(' · ');
  const time = ongoing ? ageOf(now - since) : shortTime(endedAt ?? since);
  const isSelected = id === selected;
  const said = JSON.stringify([id, severity, ongoing, about, time, isOpen, level, isSelected]);
  if (row.dataset.said === said) return;
  row.dataset.said = said;
  const isQuiet = !ongoing || suppressed !== null || acknowledged !== null;
  const classes = [
    `virtflow-severity-${severity}`,
    isQuiet ? 'virtflow-is-quiet' : '',
    isSelected ? 'virtflow-is-selected' : '',
  ];
  row.className = `virtflow-operation virtflow-alert ${classes.filter(Boolean).join(' ')}`;
  row.style.setProperty('--virtflow-level', String(level - 1));
  row.setAttribute('aria-level', String(level));
  row.setAttribute('aria-selected', String(isSelected));
  row.setAttribute('aria-label', `${severityName(alert)}, ${stateName(alert)}: ${titleOf(alert)}. ${about}. ${time}`);
  if (isOpen === undefined) row.removeAttribute('aria-expanded');
  else row.setAttribute('aria-expanded', String(isOpen));
  partOf(row, 'toggle').classList.toggle('virtflow-has-members', isOpen !== undefined);
  partOf(row, 'state').className = `fa fa-fw ${ongoing ? severityIcons[severity] : 'fa-check'} virtflow-state`;
  partOf(row, 'state').title = severityName(alert);
  partOf(row, 'title').textContent = titleOf(alert);
  partOf(row, 'time').textContent = time;
  partOf(row, 'about').textContent = about;
  partOf(row, 'about').title = about;
}
