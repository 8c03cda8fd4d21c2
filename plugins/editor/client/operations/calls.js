import { make } from '../dom.js';
import { words } from '../words.js';
import { durationOf, longTime } from './spoken.js';

/**
 * The calls to the hypervisor, each with when it began and how long it took, as a small waterfall.
 * @param {readonly OperationCall[]} calls
 */
export function callsTable(calls) {
  const first = Math.min(...calls.map(({ at }) => at));
  const last = Math.max(...calls.map(({ at, tookMs }) => at + tookMs));
  const whole = Math.max(1, last - first);
  const rows = calls.map((call) => callRow(call, first, whole));
  return make(
    'table',
    { class: 'virtflow-calls' },
    make(
      'thead',
      {},
      make(
        'tr',
        {},
        ...['name', 'begins', 'took'].map((name) => make('th', { scope: 'col' }, words(`operations.calls.${name}`))),
      ),
    ),
    make('tbody', {}, ...rows),
  );
}

/**
 * @param {OperationCall} call
 * @param {number} first
 * @param {number} whole
 */
function callRow({ name, at, tookMs, error, abandoned }, first, whole) {
  const bar = make(
    'span',
    { class: 'virtflow-fall', 'aria-hidden': 'true' },
    make('span', { class: 'virtflow-fallen' }),
  );
  const [filled] = bar.children;
  if (filled instanceof HTMLElement) {
    filled.style.left = `${(100 * (at - first)) / whole}%`;
    filled.style.width = `${Math.max(1, (100 * tookMs) / whole)}%`;
  }
  const wrong = error ?? (abandoned ? words('operations.calls.abandoned') : '');
  const text = make('td', { title: longTime(at) }, make('code', {}, name), bar);
  if (wrong) text.append(make('span', { class: 'virtflow-wrong' }, wrong));
  return make(
    'tr',
    { class: wrong ? 'virtflow-call-failed' : undefined },
    text,
    make('td', {}, `+${durationOf(at - first)}`),
    make('td', {}, durationOf(tookMs)),
  );
}
