import { make } from '../dom.js';
import { inOrder } from './in-order.js';

const around = 6;
const rowHeight = 50;
/** By kind; the arrow keys walk through what is neither a heading nor a note. @type {Readonly<Record<string, number>>} */
const heights = { heading: 30, note: 64 };

/**
 * A list of any length of which only what can be seen stands in the page. The arrow keys walk (a treegrid of the ARIA
 * Authoring Practices, by rows); the row that has the focus stays in the page and keeps it, whatever changes around it.
 * @template {{ kind: string, key: string }} Entry
 * @param {{
 *   label: string,
 *   describedBy: string,
 *   make: (kind: Entry['kind']) => HTMLElement,
 *   draw: (row: HTMLElement, entry: Entry) => void,
 *   key: (event: KeyboardEvent, entry: Entry) => boolean,
 *   nearEnd: () => void,
 * }} options `draw` fills a row that may have shown another entry before
 */
export function windowList({ label, describedBy, make: makeRow, draw, key: keyPressed, nearEnd }) {
  const layer = make('div', { class: 'virtflow-rows', role: 'rowgroup' });
  const element = make(
    'div',
    {
      class: 'virtflow-window',
      role: 'treegrid',
      tabindex: -1,
      'aria-label': label,
      'aria-describedby': describedBy,
      'aria-readonly': 'true',
    },
    layer,
  );
  /** @type {Entry[]} */
  let entries = [];
  /** @type {number[]} */
  let tops = [0];
  /** @type {Map<string, number>} */
  let indexes = new Map();
  /** @type {Map<string, HTMLElement>} */
  let shown = new Map();
  /** @type {Map<string, HTMLElement[]>} */
  const spare = new Map();
  let active = '';

  /** Which entry stands at a height. @param {number} y */
  function indexAt(y) {
    let [low, high] = [0, Math.max(0, entries.length - 1)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((tops[middle] ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  function render() {
    const { scrollTop, clientHeight } = element;
    const first = Math.max(0, indexAt(scrollTop) - around);
    const last = Math.min(entries.length - 1, indexAt(scrollTop + clientHeight) + around);
    const wanted = entries.slice(first, last + 1);
    const at = indexes.get(active);
    const activeEntry = at === undefined ? undefined : entries[at];
    if (activeEntry && at !== undefined && at < first) wanted.unshift(activeEntry);
    if (activeEntry && at !== undefined && at > last) wanted.push(activeEntry);
    place(wanted);
    if (last >= entries.length - around * 2) nearEnd();
  }

  /** @param {Entry[]} wanted */
  function place(wanted) {
    const next = new Map();
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, row] of shown) if (!keys.has(key)) giveBack(row);
    for (const entry of wanted) {
      const row = shown.get(entry.key) ?? takeRow(entry);
      settle(row, entry);
      next.set(entry.key, row);
    }
    shown = next;
    inOrder(layer, [...next.values()]);
  }

  /** @param {HTMLElement} row */
  function giveBack(row) {
    row.remove();
    const { kind = '' } = row.dataset;
    const kept = spare.get(kind) ?? [];
    kept.push(row);
    spare.set(kind, kept);
  }

  /** @param {Entry} entry */
  function takeRow({ kind }) {
    const row = spare.get(kind)?.pop() ?? makeRow(kind);
    row.dataset.kind = kind;
    return row;
  }

  /** @param {HTMLElement} row @param {Entry} entry */
  function settle(row, entry) {
    const index = indexes.get(entry.key) ?? 0;
    const top = `translateY(${tops[index]}px)`;
    if (row.style.transform !== top) row.style.transform = top;
    row.dataset.key = entry.key;
    row.setAttribute('aria-rowindex', String(index + 1));
    const tabIndex = entry.key === active ? 0 : -1;
    if (isWalked(entry) && row.tabIndex !== tabIndex) row.tabIndex = tabIndex;
    draw(row, entry);
  }

  /** @param {number} index @param {boolean} focus */
  function activate(index, focus) {
    const entry = entries[index];
    if (!entry || !isWalked(entry)) return;
    active = entry.key;
    if (focus) reveal(index);
    render();
    if (focus) shown.get(active)?.focus({ preventScroll: true });
  }

  /** @param {number} index */
  function reveal(index) {
    const top = tops[index] ?? 0;
    const bottom = tops[index + 1] ?? top;
    // A heading above the first of its rows comes into sight with it.
    const from = entries[index - 1]?.kind === 'heading' ? (tops[index - 1] ?? top) : top;
    if (from < element.scrollTop) element.scrollTop = from;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
  }

  /** The next row in a direction; the last one there is, where the way is too far. @param {number} from @param {number} step */
  function walk(from, step) {
    const direction = Math.sign(step);
    let [found, left] = [from, Math.abs(step)];
    for (let at = from + direction; at >= 0 && at < entries.length && left > 0; at += direction) {
      const entry = entries[at];
      if (!entry || !isWalked(entry)) continue;
      found = at;
      left -= 1;
    }
    activate(found, true);
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const at = indexes.get(active);
    const entry = at === undefined ? undefined : entries[at];
    if (at === undefined || !entry || event.target !== shown.get(active)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(element.clientHeight / rowHeight) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = Object.entries(steps).find(([name]) => name === event.key)?.[1];
    if (step !== undefined) walk(at, step);
    else if (!keyPressed(event, entry)) return;
    event.preventDefault();
    // The editor has shortcuts of its own on these keys.
    event.stopPropagation();
  }

  element.addEventListener('scroll', render, { passive: true });
  element.addEventListener('keydown', pressed);
  layer.addEventListener('focusin', ({ target }) => {
    const key = target instanceof Element ? target.closest('[data-key]')?.getAttribute('data-key') : undefined;
    const index = key ? indexes.get(key) : undefined;
    if (index !== undefined && key !== active) activate(index, false);
  });
  new ResizeObserver(render).observe(element);

  return {
    element,
    get activeKey() {
      return active;
    },
    /** Shows other entries; what stands at the top of the window stays there. @param {Entry[]} next */
    set(next) {
      const hadFocus = element.contains(document.activeElement);
      const anchor = element.scrollTop > 0 ? entries[indexAt(element.scrollTop)] : undefined;
      const offset = anchor ? element.scrollTop - (tops[indexes.get(anchor.key) ?? 0] ?? 0) : 0;
      const before = indexes.get(active) ?? 0;
      entries = next;
      tops = [0];
      for (const { kind } of entries) tops.push((tops.at(-1) ?? 0) + (heights[kind] ?? rowHeight));
      indexes = new Map(entries.map(({ key }, index) => [key, index]));
      layer.style.height = `${tops.at(-1)}px`;
      element.setAttribute('aria-rowcount', String(entries.length));
      const anchored = anchor ? indexes.get(anchor.key) : undefined;
      if (anchored !== undefined) {
        const scrollTop = (tops[anchored] ?? 0) + offset;
        if (scrollTop !== element.scrollTop) element.scrollTop = scrollTop;
      }
      const isGone = !indexes.has(active);
      if (isGone) active = nearestRow(entries, before);
      render();
      if (isGone && hadFocus) shown.get(active)?.focus({ preventScroll: true });
    },
    /** Puts the focus on a row; on the active one without a key. @param {string} [key] */
    focus(key = active) {
      const index = indexes.get(key) ?? indexes.get(active);
      if (index !== undefined) activate(index, true);
      else element.focus();
    },
    toTop() {
      element.scrollTop = 0;
    },
  };
}

/** @param {{ kind: string }} entry */
function isWalked({ kind }) {
  return kind !== 'heading' && kind !== 'note';
}

/** @param {{ kind: string, key: string }[]} entries @param {number} index */
function nearestRow(entries, index) {
  const found = entries.slice(index).find(isWalked) ?? entries.slice(0, index).findLast(isWalked);
  return found?.key ?? '';
}
