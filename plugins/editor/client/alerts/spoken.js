import { words } from '../words.js';

/** Never the colour alone: each severity has a shape and a word. @type {Record<AlertSeverity, string>} */
export const severityIcons = {
  critical: 'fa-exclamation-circle',
  warning: 'fa-exclamation-triangle',
  info: 'fa-info-circle',
};

/** @type {readonly AlertSeverity[]} */
export const severities = ['critical', 'warning', 'info'];

/** @param {AlertSummary} alert */
export function titleOf({ ruleName, name }) {
  return `${ruleName} · ${name}`;
}

/** @param {Pick<AlertSummary, 'severity'>} alert */
export function severityName({ severity }) {
  return words(`alerts.severity.${severity}`);
}

/** @param {Pick<AlertSummary, 'state'>} alert */
export function stateName({ state }) {
  return words(`alerts.state.${state}`);
}

/** What else is to be known at a glance. @param {AlertSummary} alert */
export function flagsOf({ state, acknowledged, suppressed, connection, ongoing }) {
  return [
    ongoing && state === 'firing' ? '' : words(`alerts.state.${state}`),
    acknowledged ? words('alerts.takenBy', { by: acknowledged.by }) : '',
    suppressed ? words(`alerts.quiet.${suppressed.by}`) : '',
    connection,
  ].filter(Boolean);
}

/** How long it has been so, in the two largest units. @param {number} ms */
export function ageOf(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${rest} min`;
  return rest > 0 ? `${rest} min` : words('alerts.now');
}
