import { ask, debounced } from './api.js';
import { make } from './dom.js';
import { formValues } from './test-button.js';
import { words } from './words.js';

/**
 * Shows the next runs of the schedule in the form, as it is typed.
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {NodeDescription} description
 * @returns {Part}
 */
export function openNextRuns(form, prefix, description) {
  const place = form.querySelector('[data-virtflow-widget="next-runs"]');
  if (!place) return {};
  const list = make('ol', { class: 'virtflow-next-runs' });
  const note = make('div', { class: 'virtflow-note', 'aria-live': 'polite' });
  place.append(list, note);
  const question = debounced(
    250,
    () => ask('POST', 'schedule/next-runs', formValues(form, prefix, description)),
    (answer) => {
      const { runs, zone } = /** @type {{ runs: number[], zone: string }} */ (answer);
      list.replaceChildren(...runs.map((run) => make('li', {}, formatted(run, zone))));
      note.textContent = runs.length === 0 ? words('runs.none') : '';
      note.classList.remove('virtflow-error');
    },
    (problem) => {
      list.replaceChildren();
      note.textContent = /** @type {Problem} */ (problem).message;
      note.classList.add('virtflow-error');
    },
  );
  const refresh = () => question.ask(undefined);
  form.addEventListener('input', refresh);
  form.addEventListener('change', refresh);
  refresh();
  return { close: () => question.stop() };
}

/**
 * @param {number} at
 * @param {string} zone
 */
function formatted(at, zone) {
  const seconds = at % 60_000 === 0 ? {} : /** @type {const} */ ({ second: '2-digit' });
  return new Intl.DateTimeFormat(RED.i18n.lang(), {
    timeZone: zone,
    weekday: 'short',
    day: '2-digit',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...seconds,
    timeZoneName: 'short',
  }).format(at);
}
