import { words } from '../words.js';
import { isNarrow, isWanted } from './filters.js';
import { severities } from './spoken.js';

/**
 * The lines of the list: incidents, the most severe first, with what is a part of them beneath; then what is over.
 * @param {import('./book.js').AlertBook} book
 * @param {AlertFilter} filter
 * @param {{ closed: ReadonlySet<string>, clear: () => void, again: () => void }} view
 * @returns {AlertEntry[]}
 */
export function entriesOf(book, filter, { closed, clear, again }) {
  const wanted = [...book.alerts.values()].filter((alert) => isWanted(filter, alert));
  const ongoing = wanted.filter((alert) => alert.ongoing);
  const over = wanted.filter((alert) => !alert.ongoing).sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
  const incidents = incidentsOf(ongoing);
  return [
    ...(incidents.length > 0 ? [heading('on', { count: incidents.length, alerts: ongoing.length })] : []),
    ...incidents.flatMap((incident) => linesOf(incident, closed)),
    ...(over.length > 0 ? [heading('over', { count: over.length })] : []),
    ...over.map((alert) => line(alert, 1, [])),
    ...foot(book, wanted.length, filter, clear, again),
  ];
}

/** @param {AlertSummary[]} ongoing */
function incidentsOf(ongoing) {
  const known = new Set(ongoing.map(({ id }) => id));
  /** @type {Map<string, AlertSummary[]>} */
  const groups = new Map();
  for (const alert of ongoing) {
    const root = known.has(alert.incident) ? alert.incident : alert.id;
    const group = groups.get(root) ?? [];
    group.push(alert);
    groups.set(root, group);
  }
  const incidents = [...groups].map(([root, all]) => ({
    root: /** @type {AlertSummary} */ (all.find(({ id }) => id === root)),
    members: all.filter(({ id }) => id !== root).sort(bySeverity),
  }));
  return incidents.sort((a, b) => bySeverity(a.root, b.root));
}

/** @param {AlertSummary} a @param {AlertSummary} b */
function bySeverity(a, b) {
  const rank = severities.indexOf(a.severity) - severities.indexOf(b.severity);
  return rank || b.since - a.since || (a.id < b.id ? -1 : 1);
}

/**
 * @param {{ root: AlertSummary, members: AlertSummary[] }} incident
 * @param {ReadonlySet<string>} closed
 */
function linesOf({ root, members }, closed) {
  const isOpen = members.length === 0 ? undefined : !closed.has(root.id);
  const first = line(root, 1, members, isOpen);
  return isOpen ? [first, ...members.map((alert) => line(alert, 2, []))] : [first];
}

/**
 * @param {AlertSummary} alert
 * @param {number} level
 * @param {AlertSummary[]} members
 * @param {boolean} [isOpen]
 * @returns {AlertEntry}
 */
function line(alert, level, members, isOpen) {
  return {
    kind: 'alert',
    key: alert.id,
    alert,
    level,
    members: members.length,
    ...(isOpen !== undefined && { isOpen }),
  };
}

/** @param {string} key @param {Record<string, unknown>} counts @returns {AlertEntry} */
function heading(key, counts) {
  return { kind: 'heading', key: `heading ${key}`, text: words(`alerts.heading.${key}`, counts) };
}

/**
 * @param {import('./book.js').AlertBook} book
 * @param {number} count
 * @param {AlertFilter} filter
 * @param {() => void} clear
 * @param {() => void} again
 * @returns {AlertEntry[]}
 */
function foot(book, count, filter, clear, again) {
  const note = (/** @type {string} */ key, /** @type {{ text: string, run(): void } | undefined} */ action) =>
    /** @type {AlertEntry} */ ({ kind: 'note', key: `note ${key}`, text: words(`alerts.note.${key}`), action });
  if (book.problem) return [note('failed', { text: words('operations.again'), run: again })];
  if (count > 0) return [];
  if (book.isLoading) return [note('loading', undefined)];
  return [
    isNarrow(filter) ? note('none', { text: words('operations.filter.clear'), run: clear }) : note('calm', undefined),
  ];
}
