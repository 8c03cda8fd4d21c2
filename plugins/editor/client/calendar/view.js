import { make } from '../dom.js';
import { problemFrom } from '../operations/rest.js';
import { showRun } from '../runs.js';
import { words } from '../words.js';
import { calendarBar } from './bar.js';
import { CalendarBook, judgeDrawn } from './book.js';
import { clashList } from './clash-list.js';
import { calendarDetails } from './details.js';
import { moveDrawn } from './drawn.js';
import { aboutOf, isWrong } from './entry-words.js';
import { calendarList } from './list.js';
import { daysLater, midnightOf, movedWhen } from './moves.js';
import {
  deleteWindow,
  enableSchedule,
  endOverride,
  overrideWindow,
  putWindow,
  runSchedule,
  saveCalendar,
} from './requests.js';
import { rangeText } from './times.js';
import { calendarWeek } from './week.js';
import { newWindow } from './window-form.js';
import { showWindowTray } from './window-tray.js';

const refreshMs = 30_000;
const drawnMs = 500;
const kept = 'virtflow-calendar-view';
const minuteMs = 60_000;
const leastHeight = 480;

/** The calendar over all flows: what was, what will be, what may not be. */
export function calendarView() {
  const book = new CalendarBook();
  let isWeek = localStorage.getItem(kept) === 'week';
  let days = 7;
  let first = today();
  let loading = 0;
  let timer = 0;
  let isPlaced = false;
  let drawnTimer = 0;
  /** @type {HTMLElement | null} */
  let wasFocused = null;

  const bar = calendarBar({
    step: (way) => go(way === 0 ? today() : daysLater(first, way * days)),
    show,
    narrowed: draw,
    add: () => openForm(newWindow(book.zone)),
    save: () => void saveCalendar().catch((thrown) => say(sentence(thrown))),
  });
  const said = make('div', { class: 'virtflow-banner', role: 'status', hidden: true });
  const clashes = clashList();
  const list = calendarList({ chosen: open, moved: movedByKey });
  const week = calendarWeek({ chosen: open, moved: movedByKey, dropped: move, more: (at) => showMoment(at) });
  const details = calendarDetails({
    closed,
    show: (id) => RED.view.reveal(id),
    edit: (id) => editNode(id),
    run: (id) => act(runSchedule(id), words('calendar.done.run')),
    enable: (id, enabled) => act(enableSchedule(id, enabled), words(`calendar.done.${enabled ? 'enable' : 'disable'}`)),
    move,
    editWindow: (id) => openForm(book.window(id)?.window),
    showRun,
    override: (id, reason, minutes) => act(overrideWindow(id, reason, minutes), words('calendar.done.override')),
    endOverride: (id) => act(endOverride(id), words('calendar.done.endOverride')),
    removeWindow: (id) => act(deleteWindow(id), words('calendar.done.remove'), closed),
  });
  const main = make(
    'div',
    { class: 'virtflow-calendar-main' },
    bar.element,
    clashes.element,
    list.element,
    week.element,
  );
  const element = make('div', { class: 'virtflow-calendar', id: 'virtflow-calendar' }, main, details.element, said);

  /** @param {boolean} asWeek */
  function show(asWeek) {
    const isToday = first === today();
    isWeek = asWeek;
    localStorage.setItem(kept, isWeek ? 'week' : 'list');
    isPlaced = false;
    layOut();
    go(isToday ? today() : first);
  }

  /** @param {number} from */
  function go(from) {
    first = from;
    layOut();
    void load();
  }

  /** The day before as well, where there is room: what became of the night is what people look for. */
  function today() {
    const day = midnightOf(Date.now());
    return isWeek && days === 1 ? day : daysLater(day, -1);
  }

  /** Where there is no room for both, details stand in the place of the calendar. */
  function makeRoom() {
    main.hidden = details.key !== '' && element.clientHeight < leastHeight;
  }

  function layOut() {
    list.element.hidden = isWeek;
    week.element.hidden = !isWeek;
    days = isWeek ? week.room : 7;
    bar.draw(isWeek, rangeText(first, daysLater(first, days)));
  }

  /** A moment that many runs share, all of them. @param {number} at */
  function showMoment(at) {
    isWeek = false;
    localStorage.setItem(kept, 'list');
    layOut();
    void load().then(() => list.show(at));
  }

  async function load() {
    loading += 1;
    const own = loading;
    window.clearTimeout(timer);
    element.setAttribute('aria-busy', 'true');
    try {
      await book.load(first, days);
      if (own !== loading) return;
      if (said.dataset.kind === 'away') say('');
    } catch (thrown) {
      if (own === loading) say(sentence(thrown), 'away');
    }
    if (own !== loading) return;
    element.setAttribute('aria-busy', 'false');
    draw();
    timer = window.setTimeout(() => (element.offsetParent === null ? undefined : void load()), refreshMs);
  }

  /** @param {CalendarEntry} entry */
  function isWanted(entry) {
    if (bar.onlyWrong && !isWrong(entry) && !isClashing(entry)) return false;
    return bar.text === '' || `${entry.name} ${aboutOf(entry)}`.toLowerCase().includes(bar.text);
  }

  /** @param {CalendarEntry} entry */
  function isClashing(entry) {
    return (entry.kind === 'window' || !entry.isPast) && book.conflictsOf(entry).length > 0;
  }

  function draw() {
    const entries = book.entries.filter(isWanted);
    const clashing = new Set(book.conflicts.flatMap(({ schedules, window: id }) => [...schedules, `window ${id}`]));
    const clashesNow = (/** @type {CalendarEntry} */ entry) =>
      entry.kind === 'run' ? !entry.isPast && clashing.has(entry.schedule) : clashing.has(`window ${entry.id}`);
    if (isWeek) week.draw(entries, first, days, clashesNow, details.key);
    else
      list.draw(
        entries,
        clashesNow,
        details.key,
        words(book.entries.length === 0 ? 'calendar.empty' : 'calendar.noneFound'),
      );
    clashes.draw(book);
    const entry = book.entries.find(({ key }) => key === details.key);
    if (entry) details.open(entry, aboutEntry(entry));
    if (isPlaced) return;
    isPlaced = true;
    if (isWeek) week.show(Date.now());
    else list.show(Date.now());
  }

  /** @param {CalendarEntry} entry */
  function aboutEntry(entry) {
    const found =
      entry.kind === 'run' ? { schedule: book.schedule(entry.schedule) } : { window: book.window(entry.id) };
    return { ...found, conflicts: entry.kind === 'run' && entry.isPast ? [] : book.conflictsOf(entry) };
  }

  /** @param {CalendarEntry} entry */
  function open(entry) {
    wasFocused = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    details.open(entry, aboutEntry(entry));
    makeRoom();
    draw();
  }

  function closed() {
    const { key } = details;
    details.close();
    makeRoom();
    draw();
    if (isWeek) week.focus(key);
    else list.focus(key);
    if (document.activeElement === document.body) wasFocused?.focus();
  }

  /**
   * Alt and the arrows do what dragging does: a quarter of an hour, or a day.
   * @param {KeyboardEvent} event
   * @param {CalendarEntry} entry
   */
  function movedByKey({ key, altKey }, entry) {
    const minutes = { ArrowUp: -15, ArrowDown: 15 };
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    const minute = Object.entries(minutes).find(([name]) => name === key)?.[1];
    const day = Object.entries(steps).find(([name]) => name === key)?.[1];
    if (!altKey || (minute === undefined && day === undefined)) return false;
    move(entry, day === undefined ? entry.at + Number(minute) * minuteMs : daysLater(entry.at, day));
    return true;
  }

  /** @param {CalendarEntry} entry @param {number} at */
  function move(entry, at) {
    if (entry.kind === 'window') return void moveWindow(entry, at);
    if (entry.isPast) return say(words('calendar.fixed.past'));
    if (entry.flow === null) return say(words('calendar.fixed.house'));
    const refusal = moveDrawn(entry.schedule, entry.at, at, book.zone);
    if (refusal !== '') return say(words('calendar.cannotMove', { name: entry.name, why: refusal }));
    say(words('calendar.done.move', { name: entry.name }));
    follow(`${entry.schedule} ${at}`);
  }

  /** @param {Extract<CalendarEntry, { kind: 'window' }>} entry @param {number} at */
  async function moveWindow(entry, at) {
    const before = book.window(entry.id)?.window;
    if (!before) return;
    const moved = movedWhen(before.when, entry.from, at);
    if ('reason' in moved) return say(words('calendar.cannotMove', { name: entry.name, why: moved.reason }));
    const back = make('button', { type: 'button', class: 'virtflow-button' }, words('calendar.undo'));
    back.addEventListener('click', () => act(putWindow(before), words('calendar.done.undone')));
    await act(
      putWindow({ ...before, when: moved.value }),
      words('calendar.done.moveWindow', { name: entry.name }),
      () => undefined,
      back,
    );
    follow(`window ${entry.id} ${at}`);
  }

  /** What was moved keeps the focus at its new place. @param {string} key */
  function follow(key) {
    void load().then(() => {
      const entry = book.entries.find((one) => one.key === key);
      if (!entry) return;
      if (details.key !== '') details.open(entry, aboutEntry(entry));
      draw();
      if (element.contains(document.activeElement) || document.activeElement === document.body)
        (isWeek ? week : list).focus(key);
    });
  }

  /** @param {string} id */
  function editNode(id) {
    const node = RED.nodes.node(id);
    if (node) RED.editor.edit(node);
    else say(words('calendar.fixed.noNode'));
  }

  /**
   * @param {Promise<unknown>} asked
   * @param {string} done
   * @param {() => void} [then]
   * @param {...HTMLElement} beside
   */
  async function act(asked, done, then = () => undefined, ...beside) {
    try {
      await asked;
      say(done, '', ...beside);
      then();
    } catch (thrown) {
      say(sentence(thrown));
    }
    await load();
  }

  /** @param {CalendarWindow | undefined} window */
  function openForm(window) {
    if (!window) return;
    showWindowTray(window, {
      judge: (changed) => judgeDrawn(book.schedules, Date.now(), Date.now() + minuteMs, { window: changed }),
      save: async (changed) => {
        await putWindow(changed);
        say(words('calendar.done.save', { name: changed.name ?? changed.id }));
        await load();
      },
    });
  }

  /** @param {string} sentence @param {string} [kind] @param {...HTMLElement} beside */
  function say(sentence, kind = '', ...beside) {
    said.hidden = sentence === '';
    said.dataset.kind = kind;
    said.replaceChildren(make('span', {}, sentence), ...beside);
  }

  /** What is drawn has changed. */
  function drawnAnew() {
    window.clearTimeout(drawnTimer);
    if (element.offsetParent === null) return;
    drawnTimer = window.setTimeout(() => void load(), drawnMs);
  }

  return {
    element,
    start() {
      layOut();
      first = today();
      for (const event of ['nodes:change', 'nodes:add', 'nodes:remove', 'deploy']) RED.events.on(event, drawnAnew);
      new IntersectionObserver(([seen]) => {
        if (!seen?.isIntersecting) return;
        layOut();
        void load();
      }).observe(element);
      new ResizeObserver(() => {
        makeRoom();
        if (!isWeek || week.room === days) return;
        layOut();
        void load();
      }).observe(element);
    },
    focus() {
      (isWeek ? week : list).focus();
    },
  };
}

/** @param {unknown} thrown */
function sentence(thrown) {
  const { message, advice } = problemFrom(thrown);
  return `${message} ${advice}`.trim();
}
