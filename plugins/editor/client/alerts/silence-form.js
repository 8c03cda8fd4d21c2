import { make, newId } from '../dom.js';
import { keptButton } from '../operations/sections.js';
import { words } from '../words.js';

const durations = ['30m', '1h', '4h', '8h', '1d', '7d'];

/**
 * For how long nobody is told, of what, and why.
 * @param {AlertSummary} alert
 * @param {{ send: (asked: Record<string, unknown>) => void, cancel: () => void }} run
 */
export function silenceForm(alert, { send, cancel }) {
  const duration = choice(durations.map((value) => [value, words(`alerts.duration.${value}`)]));
  duration.value = '1h';
  const scope = choice(Object.keys(matchersOf(alert)).map((value) => [value, words(`alerts.scope.${value}`)]));
  const comment = make('input', { type: 'text', maxlength: 1_000, id: newId() });
  const go = () =>
    send({ matcher: matchersOf(alert)[scope.value], duration: duration.value, comment: comment.value.trim() });
  comment.addEventListener('keydown', ({ key }) => key === 'Enter' && go());
  return make(
    'div',
    { class: 'virtflow-silence', role: 'group', 'aria-label': words('alerts.silence') },
    field('alerts.for', duration),
    field('alerts.of', scope),
    field('alerts.reason', comment),
    make(
      'div',
      { class: 'virtflow-buttons' },
      keptButton('go', words('alerts.silenceNow'), go, { class: 'virtflow-primary' }),
      keptButton('leave', words('alerts.cancel'), cancel),
    ),
  );
}

/** @param {AlertSummary} alert @returns {Record<string, Record<string, string>>} */
function matchersOf({ rule, node, connection }) {
  return {
    alert: { rule, object: node },
    object: { object: node },
    rule: { rule },
    ...(connection === '' ? {} : { connection: { connection } }),
  };
}

/** @param {(readonly [string, string])[] | string[][]} options */
function choice(options) {
  return make('select', { id: newId() }, ...options.map(([value = '', text = '']) => make('option', { value }, text)));
}

/** @param {string} key @param {HTMLElement} control */
function field(key, control) {
  return make('div', { class: 'virtflow-field' }, make('label', { for: control.id }, words(key)), control);
}
