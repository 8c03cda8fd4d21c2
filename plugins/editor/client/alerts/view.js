import { make, newId } from '../dom.js';
import { banner } from '../operations/banner.js';
import { followEvents } from '../operations/stream.js';
import { windowList } from '../operations/window-list.js';
import { words } from '../words.js';
import { alertBar } from './bar.js';
import { AlertBook } from './book.js';
import { alertDetails } from './details.js';
import { entriesOf } from './entries.js';
import { rememberedFilter, rememberFilter } from './filters.js';
import { peoplePage } from './people.js';
import { drawRow, makeRow } from './row.js';
import { severityName, titleOf } from './spoken.js';

const wideFrom = 640;
const spokenEveryMs = 4000;

/**
 * The list of alerts with its filters, its details, contacts and silences.
 * @param {{ showRule: (id: string) => void, opened?: (id: string) => void }} around `opened` is told of which alert the
 *   details are shown, '' for none
 */
export function alertsView({ showRule, opened = () => undefined }) {
  let filter = rememberedFilter();
  let isDrawing = false;
  /** Incidents of which the content is hidden. @type {Set<string>} */
  const closed = new Set();
  /** @type {ReturnType<typeof followEvents> | undefined} */
  let stream;

  const book = new AlertBook(draw);
  const reload = () => void book.reload(filter.over);
  const people = peoplePage();
  const bar = alertBar(
    () => filter,
    choose,
    (isOpen) => {
      if (isOpen) people.show();
      else people.hide();
      list.element.hidden = isOpen;
    },
  );
  const news = banner(() => {
    stream?.now();
    reload();
  });
  const spoken = make('div', { class: 'virtflow-sr', 'aria-live': 'polite', role: 'status' });
  const details = alertDetails({ closed: leave, show: open, find: (id) => book.alerts.get(id), showRule });
  const helpId = newId();
  const help = make('p', { id: helpId, class: 'virtflow-sr' }, words('alerts.keys'));
  const list = windowList({
    label: words('alerts.title'),
    describedBy: helpId,
    make: makeRow,
    draw: (row, /** @type {AlertEntry} */ entry) => drawRow(row, entry, { selected: details.id, now: Date.now() }),
    key: keyPressed,
    nearEnd: () => undefined,
  });
  const main = make('div', { class: 'virtflow-main' }, news.element, bar.element, list.element, people.element);
  const element = make(
    'div',
    { class: 'virtflow-operations virtflow-alerts', id: 'virtflow-alerts' },
    main,
    details.element,
    help,
    spoken,
  );
  list.element.addEventListener('click', clicked);

  /** At most once in a frame, however much is heard. */
  function draw() {
    if (isDrawing) return;
    isDrawing = true;
    requestAnimationFrame(() => {
      isDrawing = false;
      list.set(entriesOf(book, filter, { closed, clear: bar.clear, again: reload }));
      list.element.setAttribute('aria-busy', String(book.isLoading));
      news.refused(book.problem);
    });
  }

  /** @param {AlertFilter} next */
  function choose(next) {
    const isOther = next.over !== filter.over;
    filter = next;
    rememberFilter(filter);
    list.toTop();
    if (isOther) reload();
    else draw();
  }

  /** @param {string} id */
  function open(id) {
    details.open(id);
    opened(id);
    layOut();
    draw();
  }

  function leave() {
    const { id } = details;
    details.close();
    opened('');
    layOut();
    draw();
    list.focus(id);
  }

  /** Where there is room for one of them only, the list is out of reach while details cover it. */
  function layOut() {
    const [isOpen, isWide] = [details.id !== '', element.clientWidth >= wideFrom];
    element.classList.toggle('virtflow-is-wide', isWide);
    element.classList.toggle('virtflow-has-details', isOpen);
    main.inert = isOpen && !isWide;
  }

  /** @param {MouseEvent} event */
  function clicked({ target }) {
    const row = target instanceof Element ? target.closest('.virtflow-alert') : null;
    const id = row?.getAttribute('data-key');
    if (!id || !(target instanceof Element)) return;
    if (target.closest('.virtflow-has-members')) toggle(id);
    else open(id);
  }

  /** @param {KeyboardEvent} event @param {AlertEntry} entry */
  function keyPressed({ key }, entry) {
    if (entry.kind !== 'alert') return false;
    const { alert, isOpen, level } = entry;
    if (key === 'Enter' || key === ' ') open(alert.id);
    else if (key === 'ArrowRight' && isOpen === false) toggle(alert.id);
    else if (key === 'ArrowLeft' && isOpen === true) toggle(alert.id);
    else if (key === 'ArrowLeft' && level > 1) list.focus(alert.incident);
    else return false;
    return true;
  }

  /** @param {string} id */
  function toggle(id) {
    if (!closed.delete(id)) closed.add(id);
    draw();
  }

  /** @param {unknown} told */
  function hear(told) {
    const alert = /** @type {AlertSummary} */ (told);
    const before = book.alerts.get(alert.id);
    book.hear(alert);
    details.hear(alert.id);
    if (alert.ongoing && !before?.ongoing) say(alert);
  }

  /** @type {AlertSummary[]} */
  let begun = [];
  let timer = 0;

  /** Tells screen readers what began; when much begins, how much. @param {AlertSummary} alert */
  function say(alert) {
    begun.push(alert);
    if (timer === 0) sayAll();
  }

  function sayAll() {
    timer = 0;
    const [first, ...others] = begun;
    if (!first) return;
    spoken.textContent =
      others.length === 0
        ? `${severityName(first)}: ${titleOf(first)}. ${first.why.says}`
        : words('alerts.announce', { count: begun.length });
    begun = [];
    timer = window.setTimeout(sayAll, spokenEveryMs);
  }

  return {
    element,
    start() {
      stream = followEvents('alert-change', { heard: hear, state: news.state, lost: reload });
      reload();
      // Every so often what goes on is older.
      window.setInterval(() => element.offsetParent !== null && draw(), 30_000);
      new ResizeObserver(layOut).observe(element);
    },
    focus: () => list.focus(),
    open,
  };
}
