import { make } from '../dom.js';
import { words } from '../words.js';

const shownMs = 8000;

/**
 * What keeps the list from being true: nobody answers, or nobody may see it; and for a while what was refused.
 * @param {() => void} tryNow
 */
export function banner(tryNow) {
  const text = make('span');
  const button = make(
    'button',
    { type: 'button', class: 'red-ui-button red-ui-button-small' },
    words('operations.tryNow'),
  );
  const element = make('div', { class: 'virtflow-banner', role: 'status', hidden: true }, text, button);
  let isAway = false;
  /** @type {RestProblem | undefined} */
  let refusal;
  let passing = '';
  let timer = 0;
  button.addEventListener('click', tryNow);

  function draw() {
    const said =
      passing ||
      (refusal && refusal.status !== 0
        ? `${refusal.message} ${refusal.advice}`
        : isAway
          ? words('operations.away')
          : '');
    element.hidden = said === '';
    button.hidden = passing !== '' || !isAway;
    if (text.textContent !== said) text.textContent = said;
  }

  return {
    element,
    /** @param {'open' | 'away'} state @param {RestProblem} [problem] */
    state(state, problem) {
      const wasAway = isAway;
      isAway = state === 'away';
      if (problem && problem.status !== 0) refusal = problem;
      if (state === 'open') refusal = undefined;
      draw();
      if (wasAway && !isAway) tryNow();
    },
    /** @param {RestProblem | undefined} problem */
    refused(problem) {
      if (problem && problem.status !== 0) refusal = problem;
      draw();
    },
    /** @param {RestProblem} problem */
    failed({ message, advice }) {
      passing = `${message} ${advice}`;
      draw();
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        passing = '';
        draw();
      }, shownMs);
    },
  };
}
