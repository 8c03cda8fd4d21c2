import { drawHeatmap, drawStateTimeline, drawText } from './areas.js';
import { element, styled } from './dom.js';
import { drawBarGauge, drawGauge, drawStat } from './figures.js';
import { csv } from './series.js';
import { drawTable } from './table.js';
import { drawTimeSeries } from './timeseries.js';

const drawers = {
  timeseries: drawTimeSeries,
  stat: drawStat,
  gauge: drawGauge,
  bargauge: drawBarGauge,
  table: drawTable,
  'state-timeline': drawStateTimeline,
  heatmap: drawHeatmap,
  text: drawText,
};

/** The panels of a dashboard. Those that are seen, and they alone, are asked for and drawn. */
export class Panels {
  #main;
  #board;
  #load;
  #shown = new Map();
  #wanted = new Set();
  #isAsking = false;
  #timer = 0;
  #seen = new IntersectionObserver((changes) => this.#look(changes), { rootMargin: '120px' });
  #sizes = new ResizeObserver((changes) => {
    for (const { target } of changes) this.#shown.get(Number(target.dataset.id))?.drawn?.resize?.();
  });

  constructor(main, board, load) {
    this.#main = main;
    this.#board = board;
    this.#load = load;
  }

  open({ panels }, notDrawn) {
    this.#clear();
    const rows = withRows(panels);
    for (const { row, own } of rows) {
      const boxes = own.map((panel) => this.#place(panel));
      if (row) this.#main.append(rowOf(row, boxes));
      this.#main.append(...boxes);
    }
    this.warn(notDrawn.map((what) => `Not drawn here: ${what}`));
  }

  warn(texts) {
    if (texts.length === 0) return;
    const list = element('ul', {}, ...texts.map((text) => element('li', {}, text)));
    this.#main.append(element('section', { class: 'list', 'aria-label': 'Notes' }, list));
  }

  /** Another range: nothing that is shown is true any more. */
  forget() {
    this.#wanted.clear();
    for (const one of this.#shown.values()) one.data = undefined;
    this.refresh();
  }

  refresh() {
    for (const one of this.#shown.values()) {
      if (one.isSeen) this.#want(one);
      else one.data = undefined;
    }
  }

  /** For print: those that nobody has looked at as well. */
  all() {
    for (const one of this.#shown.values()) if (!one.data) this.#want(one);
  }

  redraw() {
    for (const one of this.#shown.values()) if (one.data) this.#draw(one);
  }

  #clear() {
    this.#seen.disconnect();
    this.#sizes.disconnect();
    for (const { drawn } of this.#shown.values()) drawn?.destroy?.();
    this.#shown.clear();
    this.#wanted.clear();
    this.#main.replaceChildren();
  }

  #place(panel) {
    const body = element('div', { class: 'body', 'data-id': panel.id });
    const title = `title-${panel.id}`;
    const one = { panel, body, isSeen: false, data: undefined, drawn: undefined };
    const head = element(
      'div',
      { class: 'head' },
      element('h2', { id: title, title: panel.description || undefined }, panel.title || kindOf(panel)),
      this.#menu(one),
    );
    const isBare = panel.transparent || (panel.type === 'text' && !panel.title);
    const box = element(
      'section',
      { class: `panel ${panel.type}${isBare ? ' bare' : ''}`, 'aria-labelledby': title, 'data-id': panel.id },
      head,
      body,
    );
    if (isBare) head.hidden = true;
    if (isBare) styled(head, { display: 'none' });
    const { w = 12, h = 8, x = 0 } = panel.gridPos ?? {};
    styled(box, { 'grid-column': `${x + 1} / span ${w}`, 'grid-row': `span ${h}` });
    this.#shown.set(panel.id, one);
    this.#seen.observe(box);
    this.#sizes.observe(body);
    return box;
  }

  #menu(one) {
    const { panel } = one;
    const items = element('div', { class: 'items' });
    const item = (text, work) =>
      element(
        'button',
        {
          type: 'button',
          click: () => {
            work();
            menu.open = false;
          },
        },
        text,
      );
    const menu = element(
      'details',
      { class: 'menu' },
      element('summary', { 'aria-label': `Menu of ${panel.title || kindOf(panel)}` }, '⋮'),
      items,
    );
    items.append(
      item('CSV', () => save(`${nameOf(panel)}.csv`, new Blob([csv(one.data?.frames ?? [])], { type: 'text/csv' }))),
    );
    if (['timeseries', 'heatmap', 'state-timeline'].includes(panel.type)) items.append(item('PNG', () => png(one)));
    items.append(item('Figures as a table', () => this.#asTable(one)));
    for (const link of panel.links ?? [])
      items.append(element('a', { href: this.#board.link(link.url ?? '', {}) }, link.title || link.url));
    return menu;
  }

  /** What a picture shows can be read as well. */
  #asTable(one) {
    one.isTable = !one.isTable;
    this.#draw(one);
  }

  #look(changes) {
    for (const { target, isIntersecting } of changes) {
      const one = this.#shown.get(Number(target.dataset.id));
      if (!one) continue;
      one.isSeen = isIntersecting;
      if (isIntersecting && !one.data) this.#want(one);
    }
  }

  #want(one) {
    if (one.panel.type === 'text') return this.#show(one, { frames: [], from: 0, to: 0, error: null });
    this.#wanted.add(one);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), 0);
  }

  /** One question at a time: whatever is wanted meanwhile is in the next. */
  async #ask() {
    if (this.#isAsking || this.#wanted.size === 0) return;
    this.#isAsking = true;
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    try {
      const asked = wanted.map(({ panel, body }) => ({ id: panel.id, points: pointsOf(panel, body) }));
      for (const data of await this.#load(asked)) {
        const one = this.#shown.get(data.id);
        if (one && wanted.includes(one)) this.#show(one, data);
      }
      performance.mark('virtflow-drawn');
    } finally {
      this.#isAsking = false;
      if (this.#wanted.size > 0) await this.#ask();
    }
  }

  #show(one, data) {
    one.data = data;
    this.#draw(one);
  }

  #draw(one) {
    const { panel, body, data } = one;
    if (!data) return;
    const scrolled = body.querySelector('.scroll, .legend')?.scrollTop ?? 0;
    one.drawn?.destroy?.();
    body.replaceChildren();
    body.classList.remove('beside');
    const draw = one.isTable ? drawTable : drawers[panel.type];
    if (data.error) {
      body.append(element('p', { class: 'note bad' }, `${data.error.message} ${data.error.advice}`));
      return;
    }
    if (!draw) {
      body.append(element('p', { class: 'note' }, `A panel of type ${panel.type} is drawn by Grafana alone.`));
      return;
    }
    one.drawn = draw(body, panel, data, this.#board);
    if (!one.drawn) body.append(element('p', { class: 'note' }, noteOf(panel)));
    if (scrolled > 0) body.querySelector('.scroll, .legend')?.scrollTo(0, scrolled);
  }
}

function noteOf({ fieldConfig }) {
  return fieldConfig?.defaults?.noValue || 'No data in this range';
}

function kindOf({ type }) {
  return type === 'text' ? 'Text' : type;
}

/** A picture has no more points than the screen; a figure with a small line needs few. */
function pointsOf({ type }, body) {
  const width = Math.round(body.getBoundingClientRect().width) || 400;
  if (type === 'stat') return 60;
  if (type === 'heatmap' || type === 'state-timeline') return Math.min(240, width);
  return Math.max(50, Math.min(1_500, Math.round(width / 2)));
}

/** A row that is closed has its panels inside; one that is open has those that come after it. */
function withRows(panels) {
  const sorted = [...panels].sort(
    (a, b) => (a.gridPos?.y ?? 0) - (b.gridPos?.y ?? 0) || (a.gridPos?.x ?? 0) - (b.gridPos?.x ?? 0),
  );
  const groups = [{ row: undefined, own: [] }];
  for (const panel of sorted) {
    if (panel.type === 'row') groups.push({ row: panel, own: [...(panel.panels ?? [])] });
    else groups.at(-1).own.push(panel);
  }
  return groups;
}

function rowOf({ title, collapsed }, boxes) {
  const button = element('button', { type: 'button' });
  const show = (isOpen) => {
    button.setAttribute('aria-expanded', String(isOpen));
    button.textContent = `${isOpen ? '▾' : '▸'} ${title || 'Row'}`;
    for (const box of boxes) styled(box, { display: isOpen ? '' : 'none' });
  };
  button.addEventListener('click', () => show(button.getAttribute('aria-expanded') !== 'true'));
  show(collapsed !== true);
  return element('div', { class: 'row' }, button);
}

function nameOf({ title, id }) {
  return (title || `panel-${id}`).replace(/[^\w-]+/g, '-');
}

function png(one) {
  const canvas = one.drawn?.canvas?.();
  if (!canvas) return;
  const copy = element('canvas', { width: canvas.width, height: canvas.height });
  const pen = copy.getContext('2d');
  if (!pen) return;
  pen.fillStyle = getComputedStyle(one.body.parentElement).backgroundColor;
  pen.fillRect(0, 0, copy.width, copy.height);
  pen.drawImage(canvas, 0, 0);
  copy.toBlob((blob) => blob && save(`${nameOf(one.panel)}.png`, blob));
}

function save(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = element('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
