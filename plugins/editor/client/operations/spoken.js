import { shell } from '../shell.js';
import { words } from '../words.js';
import { isGroup } from './states.js';

/**
 * What an action is called in the language of the editor: as its node in the palette.
 * @param {string} action
 */
export function actionName(action) {
  if (action.startsWith('external.')) return words('operations.external', { operation: action.slice(9) });
  if (action.startsWith('group.')) return words(`operations.order.${action.slice(6)}`);
  const key = `virtflow-${action.replaceAll('.', '-')}.label`;
  const text = RED._(`@virtflow/node-red/vm-actions:${key}`);
  return text.endsWith(key) ? action : text;
}

/** A group is called by its title. @param {OperationSummary} operation */
export function titleOf(operation) {
  if (isGroup(operation)) return operation.targetName;
  const { target, targetName } = operation;
  const subject = target.kind === 'connection' ? target.connection : targetName;
  return `${actionName(operation.action)} · ${subject}`;
}

/** What became of it, in a sentence. @param {OperationSummary} operation */
export function sentenceOf(operation) {
  const { state, mode, result, startedAt, endedAt, queuedAt, step, progress, waits, error } = operation;
  const what = isGroup(operation)
    ? words('operations.what.group', { title: operation.targetName })
    : words('operations.what.one', { action: actionName(operation.action), target: operation.targetName });
  const took = endedAt === null ? '' : durationOf(endedAt - (startedAt ?? queuedAt));
  const facts = { what, took, percent: Math.round(progress * 100), step: step ?? '', waits: waits ?? '' };
  if (state === 'succeeded' && result?.changed === false) return words('operations.sentence.nothing', facts);
  if (state === 'refused' && Number(result?.times) > 1) {
    return words('operations.sentence.refusedTimes', { ...facts, times: result?.times });
  }
  const end = mode === 'plan' && state !== 'planned' ? words('operations.sentence.asPlan') : '';
  return [words(`operations.sentence.${state}`, facts), end, error?.message].filter(Boolean).join(' ');
}

/** @param {OperationSummary} operation */
export function stateName({ state }) {
  return words(`operations.state.${state}`);
}

/** Who asked, and through what. @param {OperationSummary} operation */
export function askerOf({ origin }) {
  const { through, principal } = origin;
  const way = words(`operations.through.${through}`);
  if (through === 'external') return way;
  return principal === through || principal === 'node-red' ? way : `${principal} · ${way}`;
}

/** `350 ms`, `4.2 s`, `3:05 min`, `2:10 h` @param {number} ms */
export function durationOf(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${new Intl.NumberFormat(shell.language(), { maximumFractionDigits: 1 }).format(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}:${pad(whole % 60)} min`;
  return `${Math.floor(whole / 3600)}:${pad(Math.floor((whole % 3600) / 60))} h`;
}

/** @param {number} value */
function pad(value) {
  return String(value).padStart(2, '0');
}

/** The time of today, the day of any other. @param {number} at */
export function shortTime(at) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? formats().time.format(date) : formats().day.format(date);
}

/** @param {number} at */
export function longTime(at) {
  return formats().whole.format(new Date(at));
}

/** @type {{ language: string | undefined, time: Intl.DateTimeFormat, day: Intl.DateTimeFormat, whole: Intl.DateTimeFormat } | undefined} */
let made;

/** Making one takes longer than a row may. */
function formats() {
  const current = shell.language();
  if (made && made.language === current) return made;
  made = {
    language: current,
    time: new Intl.DateTimeFormat(current, { timeStyle: 'medium' }),
    day: new Intl.DateTimeFormat(current, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
    whole: new Intl.DateTimeFormat(current, { dateStyle: 'medium', timeStyle: 'medium' }),
  };
  return made;
}
