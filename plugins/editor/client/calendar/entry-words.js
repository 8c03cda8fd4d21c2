import { words } from '../words.js';
import { clockTime, momentText } from './times.js';

/** @type {Readonly<Record<CalendarRun['state'] | CalendarSpan['kind'], string>>} */
export const entryIcons = {
  next: 'fa-clock-o',
  held: 'fa-hourglass-half',
  drawn: 'fa-pencil',
  disabled: 'fa-power-off',
  running: 'fa-circle-o-notch',
  failed: 'fa-times-circle',
  partial: 'fa-exclamation-circle',
  cancelled: 'fa-ban',
  succeeded: 'fa-check-circle',
  done: 'fa-check',
  skipped: 'fa-step-forward',
  missed: 'fa-question-circle',
  blackout: 'fa-lock',
  maintenance: 'fa-wrench',
};

/** What went otherwise than it was meant to. */
const wrong = new Set(['failed', 'partial', 'cancelled', 'skipped', 'missed', 'held']);

/** @param {CalendarEntry} entry */
export function stateOf(entry) {
  return entry.kind === 'run' ? entry.state : entry.sort;
}

/** @param {CalendarEntry} entry */
export function isWrong(entry) {
  return entry.kind === 'run' && wrong.has(entry.state);
}

/** @param {CalendarEntry} entry */
export function stateWord(entry) {
  return words(`calendar.state.${stateOf(entry)}`);
}

/** The tab that a schedule stands on. @param {CalendarRun} run */
export function flowName({ flow, isGone }) {
  if (flow === null) return isGone ? '' : words('calendar.house');
  return RED.nodes.workspace(flow)?.label ?? '';
}

/** What is known of it, in a line. @param {CalendarEntry} entry */
export function aboutOf(entry) {
  if (entry.kind === 'window') {
    const isToday = new Date(entry.from).toDateString() === new Date(entry.until).toDateString();
    const until = isToday ? clockTime(entry.until) : momentText(entry.until);
    return [stateWord(entry), words('calendar.until', { until }), entry.reason].join(' · ');
  }
  const operations = entry.operations ? words('calendar.operations', { count: entry.operations }) : '';
  return [stateWord(entry), entry.why, operations, flowName(entry)].filter(Boolean).join(' · ');
}

/** All of it, for whoever hears it. @param {CalendarEntry} entry */
export function entrySentence(entry) {
  return `${momentText(entry.at)}, ${entry.name}: ${aboutOf(entry)}`;
}
