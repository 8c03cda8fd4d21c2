import { words } from './words.js';

/** @param {number} ms */
export function runTime(ms) {
  const date = new Date(ms);
  const isToday = date.toDateString() === new Date().toDateString();
  /** @type {Intl.DateTimeFormatOptions} */
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
  return date.toLocaleString(RED.i18n.lang(), isToday ? time : { ...time, day: '2-digit', month: '2-digit' });
}

/**
 * What happened in a step, as a sentence.
 * @param {RunStep} step
 * @param {string} from
 */
export function runStepTitle(step, from) {
  if (step.kind === 'failed') return words('journal.failed');
  return from === '' ? words('journal.began') : words('journal.received', { from });
}

/**
 * A message as people read it; what virtflow writes into it for itself is left out.
 * @param {unknown} message
 */
export function messageText(message) {
  if (typeof message !== 'object' || message === null) return JSON.stringify(message, null, 2);
  const { _virtflow: _, ...rest } = /** @type {Record<string, unknown>} */ (message);
  return JSON.stringify(rest, null, 2);
}
