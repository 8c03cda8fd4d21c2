import { shell } from '../shell.js';

/** @type {Readonly<AlertFilter>} */
export const noFilter = { text: '', severities: [], over: false, quiet: true };

/** Each user of this browser has a filter of their own. @returns {AlertFilter} */
export function rememberedFilter() {
  try {
    return { ...noFilter, ...JSON.parse(localStorage.getItem(keyOfUser()) ?? '{}'), text: '' };
  } catch {
    return { ...noFilter };
  }
}

/** @param {AlertFilter} filter */
export function rememberFilter(filter) {
  localStorage.setItem(keyOfUser(), JSON.stringify(filter));
}

/** @param {AlertFilter} filter @param {AlertSummary} alert */
export function isWanted({ text, severities, over, quiet }, alert) {
  if (!over && !alert.ongoing) return false;
  if (severities.length > 0 && !severities.includes(alert.severity)) return false;
  // What is a part of an incident is shown within it.
  if (!quiet && alert.suppressed && alert.suppressed.by !== 'inhibition') return false;
  const said = [alert.ruleName, alert.rule, alert.name, alert.connection, alert.why.says].join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

/** @param {AlertFilter} filter */
export function isNarrow({ text, severities, quiet }) {
  return text.trim() !== '' || severities.length > 0 || !quiet;
}

function keyOfUser() {
  return `virtflow-alerts:${shell.user()}`;
}
