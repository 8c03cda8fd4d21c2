import { icon, make } from '../dom.js';
import { words } from '../words.js';
import { entryIcons, entrySentence, isWrong, stateOf } from './entry-words.js';
import { daysLater, midnightOf } from './moves.js';
import { roving } from './roving.js';
import { clockTime, dayName } from './times.js';
import { followDrag } from './week-drag.js';

const dayMinutes = 1_440;
/** Runs that begin within one line of the grid stand side by side. */
export const lineMinutes = 30;
export const linePixels = 18;
const leastRunPixels = 40;

/**
 * A few days side by side, hour by hour; windows behind, runs before them.
 * @param {{
 *   chosen: (entry: CalendarEntry) => void,
 *   moved: (event: KeyboardEvent, entry: CalendarEntry) => boolean,
 *   dropped: (entry: CalendarEntry, at: number) => void,
 *   more: (at: number) => void,
 * }} on
 */
export function calendarWeek({ chosen, moved, dropped, more }) {
  const heads = make('div', { class: 'virtflow-week-heads' });
  const hours = make('div', { class: 'virtflow-week-hours', 'aria-hidden': 'true' });
  const days = make('div', { class: 'virtflow-week-days' });
  const grid = make('div', { class: 'virtflow-week-grid' }, hours, days);
  const element = make(
    'div',
    { class: 'virtflow-week', role: 'region', 'aria-label': words('calendar.week') },
    heads,
    grid,
  );
  const walk = roving(days, '.virtflow-week-entry');
  /** @type {Map<string, CalendarEntry>} */
  let known = new Map();
  let first = 0;

  for (let hour = 0; hour < 24; hour += 1) hours.append(make('span', {}, `${String(hour).padStart(2, '0')}`));
  days.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    if (button?.dataset.more) more(Number(button.dataset.more));
    const entry = known.get(button?.dataset.key ?? '');
    if (entry) chosen(entry);
  });
  days.addEventListener('keydown', (event) => {
    const { target } = event;
    const entry = target instanceof HTMLElement ? known.get(target.dataset.key ?? '') : undefined;
    if (!entry || !moved(event, entry)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  followDrag(days, {
    entry: (key) => known.get(key),
    // Where clocks are put forward or back, a place on the grid is still the time of day that stands beside it.
    momentAt: (column, minutes) => {
      const date = new Date(daysLater(first, column));
      return date.setHours(0, minutes, 0, 0);
    },
    dropped,
  });

  /**
   * @param {number} day
   * @param {CalendarEntry[]} entries
   * @param {number} width
   * @param {(entry: CalendarEntry) => boolean} clashes
   * @param {string} selected
   */
  function column(day, entries, width, clashes, selected) {
    const windows = entries.filter((entry) => entry.kind === 'window');
    const runs = entries.filter((entry) => entry.kind === 'run');
    const lanes = Math.max(1, Math.floor((width - 14) / leastRunPixels));
    const lines = Map.groupBy(runs, ({ at }) => Math.floor(minutesOf(at) / lineMinutes));
    const made = [
      ...windows.map((entry, index) => band(entry, day, index, entry.key === selected)),
      ...[...lines].flatMap(([line, all]) => runsOfLine(line, all, lanes, clashes, selected)),
    ];
    if (midnightOf(Date.now()) === day) made.push(now());
    return make('div', { class: 'virtflow-week-day', 'data-day': day }, ...made);
  }

  /** @param {CalendarEntry[]} all @param {number} from @param {number} count */
  function head(all, from, count) {
    return Array.from({ length: count }, (_, index) => {
      const day = daysLater(from, index);
      const isToday = midnightOf(Date.now()) === day;
      const wrong = all.filter((entry) => isWrong(entry) && midnightOf(entry.at) === day).length;
      const sign = wrong > 0 ? [make('span', { class: 'virtflow-week-wrong' }, String(wrong))] : [];
      return make('div', { class: isToday ? 'virtflow-week-today' : undefined }, dayName(day), ...sign);
    });
  }

  return {
    element,
    /** How many days there is room for. */
    get room() {
      const width = element.clientWidth;
      return width >= 560 ? 7 : width >= 330 ? 3 : 1;
    },
    /**
     * @param {CalendarEntry[]} entries
     * @param {number} from a midnight
     * @param {number} count of days
     * @param {(entry: CalendarEntry) => boolean} clashes
     * @param {string} selected
     */
    draw(entries, from, count, clashes, selected) {
      const focused = document.activeElement;
      const key = focused instanceof HTMLElement && days.contains(focused) ? focused.dataset.key : undefined;
      first = from;
      known = new Map(entries.map((entry) => [entry.key, entry]));
      const width = (element.clientWidth - 30) / count;
      heads.replaceChildren(...head(entries, from, count));
      days.replaceChildren(
        ...Array.from({ length: count }, (_, index) => {
          const [day, end] = [daysLater(from, index), daysLater(from, index + 1)];
          const ofDay = entries.filter((entry) => entry.at < end && endOf(entry) > day);
          return column(day, ofDay, width, clashes, selected);
        }),
      );
      walk.settle();
      if (key !== undefined) walk.focus(key);
    },
    /** Brings a time of the day into sight. @param {number} at */
    show(at) {
      grid.scrollTop = Math.max(0, (minutesOf(at) / lineMinutes - 4) * linePixels);
    },
    focus: walk.focus,
  };
}

/** By the clock, whatever it was put to meanwhile. @param {number} at */
function minutesOf(at) {
  const date = new Date(at);
  return date.getHours() * 60 + date.getMinutes();
}

/** A run is as long as a moment. @param {CalendarEntry} entry */
function endOf(entry) {
  return entry.kind === 'window' ? entry.until : entry.at + 1;
}

/**
 * @param {number} line
 * @param {CalendarEntry[]} all
 * @param {number} lanes
 * @param {(entry: CalendarEntry) => boolean} clashes
 * @param {string} selected
 */
function runsOfLine(line, all, lanes, clashes, selected) {
  // What went wrong is not hidden behind a number.
  const inOrder = all.toSorted((a, b) => Number(isWrong(b)) - Number(isWrong(a)) || a.at - b.at);
  const fits = all.length <= lanes;
  const shown = (fits ? inOrder : inOrder.slice(0, lanes - 1)).toSorted((a, b) => a.at - b.at);
  const parts = shown.map((entry) => run(entry, clashes(entry), entry.key === selected));
  if (!fits) parts.push(moreRuns(all, all.length - shown.length));
  for (const [index, part] of parts.entries()) {
    part.style.top = `${line * linePixels}px`;
    part.style.left = `calc(14px + (100% - 14px) * ${index / parts.length})`;
    part.style.width = `calc((100% - 14px) / ${parts.length} - 1px)`;
  }
  return parts;
}

/** @param {CalendarEntry[]} all @param {number} count */
function moreRuns(all, count) {
  const [first] = all;
  const at = first?.at ?? 0;
  const label = words('calendar.moreAt', { count, time: clockTime(at) });
  const attributes = {
    type: 'button',
    class: 'virtflow-week-more',
    'data-more': at,
    'aria-label': label,
    title: label,
  };
  return make('button', attributes, count > 99 ? '99+' : `+${count}`);
}

/** @param {CalendarEntry} entry @param {boolean} clashes @param {boolean} isSelected */
function run(entry, clashes, isSelected) {
  const state = stateOf(entry);
  const isMovable = entry.kind === 'run' && !entry.isPast;
  return make(
    'button',
    {
      type: 'button',
      class: `virtflow-week-entry virtflow-week-run virtflow-at-${state}${isWrong(entry) ? ' virtflow-is-wrong' : ''}`,
      'data-key': entry.key,
      'data-movable': isMovable,
      tabindex: -1,
      'aria-current': isSelected ? 'true' : undefined,
      'aria-label': `${entrySentence(entry)}${clashes ? `. ${words('calendar.clashes')}` : ''}`,
      title: entrySentence(entry),
    },
    icon(clashes ? 'fa-exclamation-triangle virtflow-calendar-clash' : `${entryIcons[state]} virtflow-calendar-state`),
    make('span', {}, `${clockTime(entry.at)} ${entry.name}`),
  );
}

/** A window: a band over the day, and a strip of it to take hold of. @param {CalendarEntry} entry @param {number} day @param {number} index @param {boolean} isSelected */
function band(entry, day, index, isSelected) {
  const end = endOf(entry);
  const top = entry.at <= day ? 0 : minutesOf(entry.at);
  const bottom = end >= daysLater(day, 1) ? dayMinutes : minutesOf(end);
  const strip = make('button', {
    type: 'button',
    class: `virtflow-week-entry virtflow-week-strip virtflow-at-${stateOf(entry)}`,
    'data-key': entry.key,
    'data-movable': entry.at >= day,
    tabindex: -1,
    'aria-current': isSelected ? 'true' : undefined,
    'aria-label': entrySentence(entry),
    title: entrySentence(entry),
  });
  const box = make('div', { class: `virtflow-week-band virtflow-at-${stateOf(entry)}` }, strip);
  box.style.top = `${(top / lineMinutes) * linePixels}px`;
  box.style.height = `${Math.max(6, ((bottom - top) / lineMinutes) * linePixels)}px`;
  strip.style.left = `${(index % 3) * 4}px`;
  return box;
}

function now() {
  const line = make('div', { class: 'virtflow-week-now', 'aria-hidden': 'true' });
  line.style.top = `${(minutesOf(Date.now()) / lineMinutes) * linePixels}px`;
  return line;
}
