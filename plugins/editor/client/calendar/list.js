import { icon, make } from '../dom.js';
import { words } from '../words.js';
import { aboutOf, entryIcons, entrySentence, isWrong, stateOf } from './entry-words.js';
import { midnightOf } from './moves.js';
import { roving } from './roving.js';
import { clockTime, longDayName } from './times.js';

/** Of one day, until all of it is asked for. */
const mostOfDay = 60;

/**
 * Day by day, one line for each run and window.
 * @param {{ chosen: (entry: CalendarEntry) => void, moved: (event: KeyboardEvent, entry: CalendarEntry) => boolean }} on
 */
export function calendarList({ chosen, moved }) {
  const element = make('div', {
    class: 'virtflow-calendar-list',
    role: 'region',
    'aria-label': words('calendar.list'),
  });
  const walk = roving(element, '.virtflow-calendar-entry');
  /** @type {Map<string, CalendarEntry>} */
  let known = new Map();
  /** Days of which all is shown. @type {Set<number>} */
  const whole = new Set();
  /** @type {() => void} */
  let again = () => undefined;

  element.addEventListener('click', ({ target }) => {
    const entry = entryAt(target);
    if (entry) chosen(entry);
  });
  element.addEventListener('keydown', (event) => {
    const entry = entryAt(event.target);
    if (!entry || !moved(event, entry)) return;
    event.preventDefault();
    event.stopPropagation();
  });

  /** @param {EventTarget | null} target */
  function entryAt(target) {
    const row = target instanceof Element ? target.closest('.virtflow-calendar-entry') : null;
    return row instanceof HTMLElement ? known.get(row.dataset.key ?? '') : undefined;
  }

  /** @param {number} day @param {CalendarEntry[]} entries @param {(entry: CalendarEntry) => boolean} clashes @param {string} selected */
  function section(day, entries, clashes, selected) {
    const shown = whole.has(day) ? entries : entries.slice(0, mostOfDay);
    const rest = entries.length - shown.length;
    const rows = shown.map((entry) => row(entry, clashes(entry), entry.key === selected));
    const heading = make('h4', {}, longDayName(day));
    /** @type {HTMLElement[]} */
    const parts = [heading, make('ul', {}, ...rows)];
    if (rest > 0) {
      const more = make('button', { type: 'button', class: 'virtflow-link' }, words('calendar.more', { count: rest }));
      more.addEventListener('click', () => {
        whole.add(day);
        again();
        walk.focus(entries[mostOfDay]?.key);
      });
      parts.push(more);
    }
    return make('section', { 'data-day': day }, ...parts);
  }

  return {
    element,
    /**
     * @param {CalendarEntry[]} entries
     * @param {(entry: CalendarEntry) => boolean} clashes
     * @param {string} selected
     * @param {string} empty what is said where there is nothing
     */
    draw(entries, clashes, selected, empty) {
      again = () => this.draw(entries, clashes, selected, empty);
      const focused = document.activeElement;
      const key = focused instanceof HTMLElement && element.contains(focused) ? focused.dataset.key : undefined;
      known = new Map(entries.map((entry) => [entry.key, entry]));
      const days = Map.groupBy(entries, ({ at }) => midnightOf(at));
      const sections = [...days].map(([day, all]) => section(day, all, clashes, selected));
      const top = element.scrollTop;
      element.replaceChildren(
        ...(sections.length > 0 ? sections : [make('p', { class: 'virtflow-calendar-empty' }, empty)]),
      );
      element.scrollTop = top;
      walk.settle();
      if (key !== undefined) walk.focus(known.has(key) ? key : selected);
    },
    /** Brings a moment into sight. @param {number} at */
    show(at) {
      const later = [...known.values()].find((entry) => entry.at >= at) ?? [...known.values()].at(-1);
      const row = later && element.querySelector(`[data-key="${CSS.escape(later.key)}"]`);
      row?.scrollIntoView({ block: 'center' });
    },
    focus: walk.focus,
  };
}

/** @param {CalendarEntry} entry @param {boolean} clashes @param {boolean} isSelected */
function row(entry, clashes, isSelected) {
  const state = stateOf(entry);
  const button = make(
    'button',
    {
      type: 'button',
      class: `virtflow-calendar-entry virtflow-at-${state}${isWrong(entry) ? ' virtflow-is-wrong' : ''}`,
      'data-key': entry.key,
      tabindex: -1,
      'aria-current': isSelected ? 'true' : undefined,
      'aria-label': `${entrySentence(entry)}${clashes ? `. ${words('calendar.clashes')}` : ''}`,
      title: aboutOf(entry),
    },
    make('span', { class: 'virtflow-calendar-time' }, clockTime(entry.at)),
    make('i', { class: `fa fa-fw ${entryIcons[state]} virtflow-calendar-state`, 'aria-hidden': 'true' }),
    make('span', { class: 'virtflow-calendar-name' }, entry.name),
    ...(clashes ? [icon('fa-exclamation-triangle virtflow-calendar-clash')] : []),
    make('span', { class: 'virtflow-calendar-about' }, aboutOf(entry)),
  );
  return make('li', {}, button);
}
