import { ask, debounced } from './api.js';
import { judgeDrawn } from './calendar/book.js';
import { clashSentence } from './calendar/clash-words.js';
import { make } from './dom.js';
import { rest } from './operations/rest.js';
import { formValues } from './test-button.js';
import { words } from './words.js';

/**
 * Shows the next runs of the schedule in the form, as it is typed.
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {NodeDescription} description
 * @param {EditorNode} node
 * @returns {Part}
 */
export function openNextRuns(form, prefix, description, node) {
  const place = form.querySelector('[data-virtflow-widget="next-runs"]');
  if (!place) return {};
  const list = make('ol', { class: 'virtflow-next-runs' });
  const note = make('div', { class: 'virtflow-note', 'aria-live': 'polite' });
  const clashes = make('ul', {
    class: 'virtflow-next-clashes',
    role: 'status',
    'aria-label': words('calendar.clashes'),
  });
  place.append(list, note, clashes);
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
  const clash = debounced(
    500,
    () => clashesOf(node.id, formValues(form, prefix, description)),
    (found) => clashes.replaceChildren(...found.map((conflict) => make('li', {}, clashSentence(conflict)))),
    () => clashes.replaceChildren(),
  );
  const refresh = () => {
    question.ask(undefined);
    clash.ask(undefined);
  };
  form.addEventListener('input', refresh);
  form.addEventListener('change', refresh);
  refresh();
  return {
    close: () => {
      question.stop();
      clash.stop();
    },
  };
}

/**
 * What a schedule would clash with, were it deployed as it stands in its form.
 * @param {string} id
 * @param {Record<string, unknown>} config
 */
async function clashesOf(id, config) {
  const now = Date.now();
  const { items } = /** @type {{ items: CalendarSchedule[] }} */ (await rest('GET', '/schedules'));
  const { conflicts } = await judgeDrawn(items, now, now + 60_000, { schedule: { id, config } });
  return conflicts.filter(({ schedules }) => schedules.includes(id));
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
