import { icon, make } from '../dom.js';
import { words } from '../words.js';

/**
 * Which days, how they are drawn, what of them, and what may be made of it.
 * @param {{ step: (way: -1 | 0 | 1) => void, show: (asWeek: boolean) => void, narrowed: () => void, add: () => void,
 *   save: () => void }} ways
 */
export function calendarBar({ step, show, narrowed, add, save }) {
  const range = make('h3', { class: 'virtflow-calendar-range', 'aria-live': 'polite' });
  const text = make('input', {
    type: 'search',
    placeholder: words('calendar.find'),
    'aria-label': words('calendar.find'),
    spellcheck: 'false',
  });
  const onlyWrong = make('input', { type: 'checkbox', 'aria-label': words('calendar.onlyWrong') });
  const list = toggle('list', () => show(false));
  const week = toggle('week', () => show(true));
  const addButton = tool('do.add', 'fa-plus', add, { 'data-do': 'add' });
  addButton.disabled = !RED.user.hasPermission('virtflow.operate');
  const today = make(
    'button',
    { type: 'button', class: 'virtflow-button', title: words('calendar.today'), 'aria-label': words('calendar.today') },
    words('calendar.today'),
  );
  const element = make(
    'div',
    { class: 'virtflow-calendar-bar' },
    make(
      'div',
      { class: 'virtflow-calendar-row' },
      tool('earlier', 'fa-chevron-left', () => step(-1)),
      today,
      tool('later', 'fa-chevron-right', () => step(1)),
      range,
    ),
    make(
      'div',
      { class: 'virtflow-calendar-row' },
      make(
        'div',
        { class: 'virtflow-calendar-views', role: 'group', 'aria-label': words('calendar.view') },
        list,
        week,
      ),
      text,
      make(
        'label',
        { class: 'virtflow-calendar-only', title: words('calendar.onlyWrong') },
        onlyWrong,
        icon('fa-exclamation-triangle'),
      ),
      addButton,
      tool('do.export', 'fa-download', save, { 'data-do': 'export' }),
    ),
  );
  today.addEventListener('click', () => step(0));
  text.addEventListener('input', narrowed);
  onlyWrong.addEventListener('change', narrowed);

  return {
    element,
    /** What is looked for, in lower case. */
    get text() {
      return text.value.trim().toLowerCase();
    },
    get onlyWrong() {
      return onlyWrong.checked;
    },
    /** @param {boolean} isWeek @param {string} days */
    draw(isWeek, days) {
      list.setAttribute('aria-pressed', String(!isWeek));
      week.setAttribute('aria-pressed', String(isWeek));
      range.textContent = days;
    },
  };
}

/** @param {string} name @param {() => void} pressed */
function toggle(name, pressed) {
  const made = make(
    'button',
    { type: 'button', class: 'virtflow-button', 'aria-pressed': 'false' },
    words(`calendar.as.${name}`),
  );
  made.addEventListener('click', pressed);
  return made;
}

/** @param {string} name @param {string} sign @param {() => void} pressed @param {Record<string, string>} [more] */
function tool(name, sign, pressed, more = {}) {
  const label = words(`calendar.${name}`);
  const made = make(
    'button',
    { type: 'button', class: 'virtflow-button', ...more, title: label, 'aria-label': label },
    icon(sign),
  );
  made.addEventListener('click', pressed);
  return made;
}
