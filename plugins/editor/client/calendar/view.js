import { icon, make } from '../dom.js';
import { problemFrom, rest, restResponse } from '../operations/rest.js';
import { words } from '../words.js';
import { CalendarBook, judgeDrawn } from './book.js';
import { calendarDetails } from './details.js';
import { moveDrawn } from './drawn.js';
import { aboutOf, isWrong } from './entry-words.js';
import { calendarList } from './list.js';
import { daysLater, midnightOf, movedWhen } from './moves.js';
import { rangeText } from './times.js';
import { calendarWeek } from './week.js';
import { newWindow, windowForm } from './window-form.js';

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

  const range = make('h3', { class: 'virtflow-calendar-range', 'aria-live': 'polite' });
  const text = make('input', {
    type: 'search',
    placeholder: words('calendar.find'),
    'aria-label': words('calendar.find'),
    spellcheck: 'false',
  });
  const onlyWrong = make('input', { type: 'checkbox', 'aria-label': words('calendar.onlyWrong') });
  const views = { list: toggle('list', () => show(false)), week: toggle('week', () => show(true)) };
  const bar = make(
    'div',
    { class: 'virtflow-calendar-bar' },
    make('div', { class: 'virtflow-calendar-row' }, ...stepButtons(), range),
    make(
      'div',
      { class: 'virtflow-calendar-row' },
      make(
        'div',
        { class: 'virtflow-calendar-views', role: 'group', 'aria-label': words('calendar.view') },
        views.list,
        views.week,
      ),
      text,
      make(
        'label',
        { class: 'virtflow-calendar-only', title: words('calendar.onlyWrong') },
        onlyWrong,
        icon('fa-exclamation-triangle'),
      ),
      ...toolButtons(),
    ),
  );
  const said = make('div', { class: 'virtflow-banner', role: 'status', hidden: true });
  const conflicts = make('details', { class: 'virtflow-calendar-conflicts', hidden: true });
  const list = calendarList({ chosen: open, moved: movedByKey });
  const week = calendarWeek({ chosen: open, moved: movedByKey, dropped: move, more: (at) => showMoment(at) });
  const details = calendarDetails({
    closed,
    show: (id) => RED.view.reveal(id),
    edit: (id) => editNode(id),
    run: (id) => act(rest('POST', `/schedules/${encodeURIComponent(id)}/run`), words('calendar.done.run')),
    enable: (id, enabled) =>
      act(
        rest('POST', `/schedules/${encodeURIComponent(id)}/${enabled ? 'enable' : 'disable'}`),
        words(`calendar.done.${enabled ? 'enable' : 'disable'}`),
      ),
    move,
    editWindow: (id) => openForm(book.window(id)?.window),
    removeWindow: (id) => act(windowRequest('DELETE', id), words('calendar.done.remove'), closed),
  });
  const main = make('div', { class: 'virtflow-calendar-main' }, bar, conflicts, list.element, week.element);
  const element = make('div', { class: 'virtflow-calendar', id: 'virtflow-calendar' }, main, details.element, said);

  text.addEventListener('input', draw);
  onlyWrong.addEventListener('change', draw);

  function stepButtons() {
    const step = (/** @type {string} */ name, /** @type {string} */ sign, /** @type {() => number} */ to) => {
      const made = make(
        'button',
        {
          type: 'button',
          class: 'virtflow-button',
          title: words(`calendar.${name}`),
          'aria-label': words(`calendar.${name}`),
        },
        sign === '' ? words(`calendar.${name}`) : icon(sign),
      );
      made.addEventListener('click', () => go(to()));
      return made;
    };
    return [
      step('earlier', 'fa-chevron-left', () => daysLater(first, -days)),
      step('today', '', () => today()),
      step('later', 'fa-chevron-right', () => daysLater(first, days)),
    ];
  }

  function toolButtons() {
    const add = tool('add', 'fa-plus', () => openForm(newWindow(book.zone)));
    add.disabled = !RED.user.hasPermission('virtflow.operate');
    return [add, tool('export', 'fa-download', () => void exportCalendar())];
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
    views.list.setAttribute('aria-pressed', String(!isWeek));
    views.week.setAttribute('aria-pressed', String(isWeek));
    list.element.hidden = isWeek;
    week.element.hidden = !isWeek;
    days = isWeek ? week.room : 7;
    range.textContent = rangeText(first, daysLater(first, days));
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
    if (onlyWrong.checked && !isWrong(entry) && !clashes(entry)) return false;
    const wanted = text.value.trim().toLowerCase();
    return wanted === '' || `${entry.name} ${aboutOf(entry)}`.toLowerCase().includes(wanted);
  }

  /** @param {CalendarEntry} entry */
  function clashes(entry) {
    return (entry.kind === 'window' || !entry.isPast) && book.conflictsOf(entry).length > 0;
  }

  function draw() {
    const entries = book.entries.filter(isWanted);
    const clashing = new Set(book.conflicts.flatMap(({ schedules, window: id }) => [...schedules, `window ${id}`]));
    const isClashing = (/** @type {CalendarEntry} */ entry) =>
      entry.kind === 'run' ? !entry.isPast && clashing.has(entry.schedule) : clashing.has(`window ${entry.id}`);
    if (isWeek) week.draw(entries, first, days, isClashing, details.key);
    else
      list.draw(
        entries,
        isClashing,
        details.key,
        words(book.entries.length === 0 ? 'calendar.empty' : 'calendar.noneFound'),
      );
    drawConflicts();
    const entry = book.entries.find(({ key }) => key === details.key);
    if (entry) details.open(entry, aboutEntry(entry));
    if (isPlaced) return;
    isPlaced = true;
    if (isWeek) week.show(Date.now());
    else list.show(Date.now());
  }

  function drawConflicts() {
    const lines = [
      ...book.conflicts.map(
        ({ says, at, count }) =>
          `${says} ${words('calendar.firstAt', { at: new Date(at).toLocaleString(RED.i18n.lang()), count })}`,
      ),
      ...book.problems.map(({ schedule, message }) => `${RED.nodes.node(schedule)?.name ?? schedule}: ${message}`),
      ...(book.fileProblem === '' ? [] : [book.fileProblem]),
    ];
    conflicts.hidden = lines.length === 0;
    conflicts.replaceChildren(
      make(
        'summary',
        {},
        icon('fa-exclamation-triangle virtflow-calendar-clash'),
        ` ${words('calendar.conflicts', { count: lines.length })}`,
      ),
      make('ul', {}, ...lines.map((line) => make('li', {}, line))),
    );
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
    const form = windowForm(window, {
      judge: (changed) => judgeDrawn(book.schedules, Date.now(), Date.now() + minuteMs, changed),
      save: async (changed) => {
        await putWindow(changed);
        say(words('calendar.done.save', { name: changed.name ?? changed.id }));
        await load();
      },
    });
    RED.tray.show({
      title: words(window.id === '' ? 'calendar.form.new' : 'calendar.form.title'),
      width: 560,
      buttons: [
        { id: 'virtflow-window-cancel', text: words('calendar.form.cancel'), click: () => RED.tray.close() },
        {
          id: 'virtflow-window-save',
          class: 'primary',
          text: words('calendar.form.save'),
          click: () => void form.save().then((isSaved) => isSaved && RED.tray.close()),
        },
      ],
      open: (tray) => {
        tray.find('.red-ui-tray-body').get(0)?.append(form.element);
        form.element.querySelector('input')?.focus();
      },
      close: () => form.stop(),
    });
  }

  async function exportCalendar() {
    try {
      const response = await restResponse('/calendar.ics', { method: 'GET' });
      const url = URL.createObjectURL(await response.blob());
      make('a', { href: url, download: 'virtflow.ics' }).click();
      URL.revokeObjectURL(url);
    } catch (thrown) {
      say(sentence(thrown));
    }
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

/** @param {string} name @param {string} sign @param {() => void} pressed */
function tool(name, sign, pressed) {
  const label = words(`calendar.do.${name}`);
  const made = make(
    'button',
    { type: 'button', class: 'virtflow-button', 'data-do': name, title: label, 'aria-label': label },
    icon(sign),
  );
  made.addEventListener('click', pressed);
  return made;
}

/** @param {unknown} thrown */
function sentence(thrown) {
  const { message, advice } = problemFrom(thrown);
  return `${message} ${advice}`.trim();
}

/** @param {CalendarWindow} window */
function putWindow(window) {
  return windowRequest('PUT', window.id, { window });
}

/** @param {'PUT' | 'DELETE'} method @param {string} id @param {object} [body] */
function windowRequest(method, id, body) {
  return restResponse(`/calendar/windows/${encodeURIComponent(id)}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
}
