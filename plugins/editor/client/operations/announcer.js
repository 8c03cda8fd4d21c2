import { make } from '../dom.js';
import { words } from '../words.js';
import { sentenceOf } from './spoken.js';

const pauseMs = 4000;

/**
 * Tells screen readers how operations ended; when many end, how many.
 * @param {number} [everyMs] so often at most
 */
export function announcer(everyMs = pauseMs) {
  const element = make('div', { class: 'virtflow-sr', 'aria-live': 'polite', role: 'status' });
  /** @type {OperationSummary[]} */
  let ended = [];
  let timer = 0;

  function say() {
    timer = 0;
    const [first, ...others] = ended;
    if (!first) return;
    const wrong = ended.filter(({ state }) => state !== 'succeeded' && state !== 'planned').length;
    const counts = { count: ended.length, wrong };
    element.textContent = others.length === 0 ? sentenceOf(first) : words('operations.announce', counts);
    ended = [];
    timer = window.setTimeout(say, everyMs);
  }

  return {
    element,
    /** @param {OperationSummary} operation */
    tell(operation) {
      ended.push(operation);
      if (timer === 0) say();
    },
  };
}
