import { drawNote, drawTreeRow, noteRow, treeRow } from '../list-row.js';
import { shortTime } from '../operations/spoken.js';
import { words } from '../words.js';
import { ageOf, flagsOf, severityIcons, severityName, stateName, titleOf } from './spoken.js';

/** @param {string} kind */
export function makeRow(kind) {
  return kind === 'alert' ? treeRow('virtflow-operation virtflow-alert') : noteRow(kind);
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
  const className = `virtflow-operation virtflow-alert virtflow-severity-${severity}${isQuiet ? ' virtflow-is-quiet' : ''}`;
  const title = titleOf(alert);
  const label = `${severityName(alert)}, ${stateName(alert)}: ${title}. ${about}. ${time}`;
  const symbol = ongoing ? severityIcons[severity] : 'fa-check';
  drawTreeRow(
    row,
    { className, label, level, isOpen, isSelected },
    { symbol, state: severityName(alert), title, time, about },
  );
}
