import { make, newId } from '../dom.js';
import { words } from '../words.js';
import { announcer } from './announcer.js';
import { banner } from './banner.js';
import { OperationBook } from './book.js';
import { canvasPlace } from './canvas.js';
import { detailsPane } from './details.js';
import { entriesOf } from './entries.js';
import { filterBar } from './filter-bar.js';
import { isNarrow, noFilter, rememberedFilter, rememberFilter } from './filters.js';
import { problemFrom, rest } from './rest.js';
import { drawRow, makeRow } from './row.js';
import { cancelOperation } from './sequels.js';
import { hasEnded, isCancellable, isGroup } from './states.js';
import { followOperations } from './stream.js';
import { windowList } from './window-list.js';

const wideFrom = 640;
const touchedMs = 1000;

/** The list of operations with its filters and its details. */
export function operationsView() {
  let filter = rememberedFilter();
  let place = canvasPlace();
  let me = '';
  let isDrawing = false;
  let touched = 0;
  /** @type {ReturnType<typeof followOperations> | undefined} */
  let stream;

  const book = new OperationBook(() => ({ filter, place, me }), draw);
  const bar = filterBar(
    () => filter,
    choose,
    () => place,
  );
  const news = banner(() => {
    stream?.now();
    void book.reload();
  });
  const spoken = announcer();
  const details = detailsPane({ closed, show: (id) => open(id), filter: narrow });
  const helpId = newId();
  const help = make('p', { id: helpId, class: 'virtflow-sr' }, words('operations.keys'));
  const list = windowList({
    label: words('operations.title'),
    describedBy: helpId,
    make: makeRow,
    draw: (row, entry) => drawRow(row, entry, { selected: details.id, isNarrow: isNarrow(filter), now: Date.now() }),
    key: keyPressed,
    nearEnd: () => void (book.problem ? undefined : book.more()),
  });
  const main = make('div', { class: 'virtflow-main' }, news.element, bar.element, list.element);
  const element = make(
    'div',
    { class: 'virtflow-operations', id: 'virtflow-operations' },
    main,
    details.element,
    help,
    spoken.element,
  );
  list.element.addEventListener('click', clicked);

  /** At most once in a frame, however much is heard. */
  function draw() {
    if (isDrawing) return;
    isDrawing = true;
    requestAnimationFrame(() => {
      isDrawing = false;
      list.set(entriesOf(book, filter, { more, clear: bar.clear }));
      list.element.setAttribute('aria-busy', String(book.isLoading));
      news.refused(book.problem);
    });
  }

  /** @param {OperationFilter} next */
  function choose(next) {
    filter = next;
    rememberFilter(filter);
    list.toTop();
    void book.reload();
  }

  /** @param {Partial<OperationFilter>} part */
  function narrow(part) {
    choose({ ...noFilter, plans: filter.plans, quiet: filter.quiet, ...part });
    bar.draw();
    if (!isWide()) closed();
  }

  function more() {
    const wasEmpty = book.past.length === 0;
    book.problem = undefined;
    void (wasEmpty ? book.reload() : book.more());
  }

  function isWide() {
    return element.clientWidth >= wideFrom;
  }

  /** @param {string} id @param {boolean} [confirmCancel] */
  function open(id, confirmCancel = false) {
    details.open(id, { confirmCancel });
    layOut();
    draw();
  }

  function closed() {
    const { id } = details;
    details.close();
    layOut();
    draw();
    list.focus(id);
  }

  /** Where there is room for one of them only, the list is out of reach while details cover it. */
  function layOut() {
    const isOpen = details.id !== '';
    element.classList.toggle('virtflow-is-wide', isWide());
    element.classList.toggle('virtflow-has-details', isOpen);
    main.inert = isOpen && !isWide();
  }

  /** @param {MouseEvent} event */
  function clicked({ target }) {
    const row = target instanceof Element ? target.closest('.virtflow-operation') : null;
    const operation = row ? found(row.getAttribute('data-key') ?? '') : undefined;
    if (!operation || !(target instanceof Element)) return;
    if (target.closest('[data-part="cancel"]')) cancel(operation);
    else if (target.closest('.virtflow-has-members')) toggle(operation);
    else open(operation.id);
  }

  /** A member's row is called by its group and by itself. @param {string} key */
  function found(key) {
    return book.find(key.split(' ').at(-1) ?? '');
  }

  /** @param {KeyboardEvent} event @param {ListEntry} entry */
  function keyPressed({ key }, entry) {
    if (entry.kind !== 'operation') return false;
    const { operation, isOpen, level } = entry;
    if (key === 'Enter' || key === ' ') open(operation.id);
    else if (key === 'ArrowRight' && isOpen === false) toggle(operation);
    else if (key === 'ArrowLeft' && isOpen === true) toggle(operation);
    else if (key === 'ArrowLeft' && level > 1 && operation.parent) list.focus(operation.parent);
    else if (key === 'Delete' && isCancellable(operation)) cancel(operation);
    else return false;
    return true;
  }

  /** @param {OperationSummary} operation */
  function toggle({ id }) {
    if (book.members.has(id)) book.closeGroup(id);
    else book.openGroup(id).catch((thrown) => news.failed(problemFrom(thrown)));
  }

  /** A group is many at once: whoever cancels it is asked. @param {OperationSummary} operation */
  function cancel(operation) {
    if (isGroup(operation)) open(operation.id, true);
    else cancelOperation(operation).catch((thrown) => news.failed(problemFrom(thrown)));
  }

  /** @param {OperationSummary} operation */
  function hear(operation) {
    const known = book.live.get(operation.id);
    book.hear(operation);
    details.hear(operation);
    if (hasEnded(operation) && known && operation.origin.principal === me) spoken.tell(operation);
    if (filter.object && known?.state !== operation.state) lookAgain();
  }

  /** What touches an object, only REST knows. */
  function lookAgain() {
    if (touched !== 0) return;
    touched = window.setTimeout(() => {
      touched = 0;
      void book.reload();
    }, touchedMs);
  }

  function moved() {
    const before = place;
    place = canvasPlace();
    bar.draw();
    details.refresh();
    const isOther = filter.scope === 'flow' ? before.flow !== place.flow : before.node !== place.node;
    if (filter.scope !== 'all' && isOther) void book.reload();
  }

  /** Every second what runs is older. */
  function tick() {
    if (book.live.size > 0 && element.offsetParent !== null) draw();
  }

  return {
    element,
    start() {
      rest('GET', '/whoami').then(
        (answer) => {
          me = String(Object(answer).principal);
          if (filter.mine) void book.reload();
        },
        () => undefined,
      );
      stream = followOperations({ heard: hear, state: news.state, lost: () => void book.reload() });
      void book.reload();
      RED.events.on('workspace:change', moved);
      RED.events.on('view:selection-changed', moved);
      RED.events.on('nodes:remove', () => details.refresh());
      window.setInterval(tick, 1000);
      new ResizeObserver(layOut).observe(element);
    },
    focus: () => list.focus(),
    open,
  };
}
