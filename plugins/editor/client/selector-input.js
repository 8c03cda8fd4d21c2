import { ask, debounced } from './api.js';
import { make } from './dom.js';
import { words } from './words.js';

/**
 * A selector with what it matches right now beneath it, or what is wrong with it.
 * @param {string} initial
 * @param {string} labelledBy
 * @param {(selector: string) => void} changed
 * @param {() => string} kind
 */
export function selectorInput(initial, labelledBy, changed, kind) {
  const input = make('input', {
    type: 'text',
    class: 'virtflow-mono',
    spellcheck: 'false',
    placeholder: "power = 'running' and 'web' in tags",
    'aria-labelledby': labelledBy,
  });
  input.value = initial;
  const preview = make('div', { class: 'virtflow-note', 'aria-live': 'polite' });
  const question = debounced(
    250,
    (/** @type {string} */ selector) => ask('POST', 'inventory/select', { selector, kind: kind() }),
    (answer) => say(matched(answer), false),
    (problem) => say(`${/** @type {Problem} */ (problem).message}`, true),
  );

  /**
   * @param {string} text
   * @param {boolean} isError
   */
  function say(text, isError) {
    preview.textContent = text;
    preview.classList.toggle('virtflow-error', isError);
    input.classList.toggle('input-error', isError);
  }

  function refresh() {
    if (input.value.trim() === '') {
      question.stop();
      say(words('selector.hint'), false);
    } else question.ask(input.value);
  }

  input.addEventListener('input', () => {
    changed(input.value);
    refresh();
  });
  refresh();
  return { element: make('div', {}, input, preview), refresh, close: () => question.stop() };
}

/** @param {unknown} answer */
function matched(answer) {
  const { count, total, names } = /** @type {{ count: number, total: number, names: string[] }} */ (answer);
  const listed = names.join(', ') + (count > names.length ? ' …' : '');
  return count === 0 ? words('selector.none', { total }) : words('selector.matches', { count, total, names: listed });
}
