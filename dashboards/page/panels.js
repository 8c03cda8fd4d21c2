import { drawHeatmap, drawStateTimeline } from './areas.js';
import { element, styled } from './dom.js';
import { drawBarGauge, drawGauge, drawStat } from './figures.js';
import { layout, repeatedFor } from './layout.js';
import { drawText } from './markup.js';
import { picture } from './picture.js';
import { csv, tableOf } from './series.js';
import { drawTable } from './table.js';
import { drawTimeSeries } from './timeseries.js';
import { word } from './words.js';

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
  #file = { panels: [] };
  #notes = [];
  #repeated = '';
  #shown = new Map();
  #wanted = new Set();
  #asked;
  /** Of the range and the variables that are shown now. */
  #asking = new AbortController();
  #timer = 0;
  #seen = new IntersectionObserver((changes) => this.#look(changes), { rootMargin: '120px' });
  #sizes = new ResizeObserver((changes) => {
    for (const { target } of changes) this.#shown.get(target.dataset.key)?.drawn?.resize?.();
  });

  constructor(main, board, load) {
    this.#main = main;
    this.#board = board;
    this.#load = load;
  }

  /** @param learn asks for the variables, where the layout depends on them */
  async open(file, notDrawn, learn) {
    this.#clear();
    this.#file = file;
    this.#notes = [];
    if (repeatedFor(file).length > 0) await learn();
    this.#lay();
    this.warn(notDrawn.map((what) => word('notDrawn', { what })));
  }

  warn(texts) {
    this.#notes.push(...texts);
    this.#main.querySelector('.list')?.remove();
    if (this.#notes.length === 0) return;
    const list = element('ul', {}, ...this.#notes.map((text) => element('li', {}, text)));
    this.#main.append(element('section', { class: 'list', 'aria-label': word('notes') }, list));
  }

  /** Titles with what variables are now; where other things are to be repeated, everything is laid anew. */
  name() {
    if (this.#shown.size > 0 && this.#repeated !== this.#repeats()) {
      this.#clear();
      this.#lay();
      this.warn([]);
    }
    for (const { panel, heading, scoped } of this.#shown.values())
      heading.textContent = titleOf(panel, this.#board.scope.within(scoped));
  }

  /** Another range: nothing that is shown is true any more, nor what is being asked. */
  forget() {
    this.#asking.abort();
    this.#asking = new AbortController();
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

  /** Those that nobody has looked at are asked for as well. */
  async whole() {
    for (const one of this.#shown.values()) if (!one.data) this.#want(one);
    await this.#ask();
  }

  redraw() {
    for (const one of this.#shown.values()) if (one.data) this.#draw(one);
  }

  #repeats() {
    return JSON.stringify(repeatedFor(this.#file).map((name) => this.#board.scope.values(name)));
  }

  #lay() {
    this.#repeated = this.#repeats();
    const scope = this.#board.scope;
    for (const { row, scoped, panels } of layout(this.#file, (name) => scope.values(name))) {
      const boxes = panels.map((one) => this.#place(one));
      if (row) this.#main.append(rowOf(row, scope.within(scoped), boxes));
      this.#main.append(...boxes);
    }
  }

  #clear() {
    this.#seen.disconnect();
    this.#sizes.disconnect();
    for (const { drawn } of this.#shown.values()) drawn?.destroy?.();
    this.#shown.clear();
    this.#wanted.clear();
    this.#main.replaceChildren();
  }

  #place({ panel, scoped, place: { w, h, x } }) {
    const key = keyOf(panel, scoped);
    const body = element('div', { class: 'body', 'data-key': key });
    const id = `title-${this.#shown.size}`;
    const scope = this.#board.scope.within(scoped);
    const heading = element('h2', { id, title: scope.text(panel.description) || undefined }, titleOf(panel, scope));
    const one = { panel, scoped, body, heading, isSeen: false, data: undefined, drawn: undefined };
    const head = element('div', { class: 'head' }, heading, this.#menu(one));
    const isBare = panel.transparent || (panel.type === 'text' && !panel.title);
    const about = {
      class: `panel ${panel.type}${isBare ? ' bare' : ''}`,
      'aria-labelledby': id,
      'data-key': key,
    };
    const box = element('section', about, head, body);
    if (isBare) styled(head, { display: 'none' });
    styled(box, { 'grid-column': `${x + 1} / span ${w}`, 'grid-row': `span ${h}` });
    this.#shown.set(key, one);
    this.#seen.observe(box);
    this.#sizes.observe(body);
    return box;
  }

  #menu(one) {
    const { panel, scoped } = one;
    const items = element('div', { class: 'items' });
    const item = (text, work) => {
      const act = () => {
        menu.open = false;
        work(button);
      };
      const button = element('button', { type: 'button', click: act }, text);
      return button;
    };
    const title = titleOf(panel, this.#board.scope.within(scoped));
    const summary = element('summary', { 'aria-label': word('menuOf', { panel: title }) }, '⋮');
    const menu = element('details', { class: 'menu' }, summary, items);
    const name = title.replace(/[^\p{L}\p{N}_-]+/gu, '-');
    items.append(
      item(word('csv'), () => this.#csv(one, name)),
      item(word('png'), () => void this.#picture(one, name)),
      item(word('asTable'), (button) => {
        this.#asTable(one);
        button.textContent = word(one.isTable ? 'asPicture' : 'asTable');
      }),
    );
    for (const { url, title: text } of panel.links ?? [])
      items.append(element('a', { href: this.#board.linkIn(url, scoped) }, text || url));
    return menu;
  }

  #csv({ data }, name) {
    if (!data?.frames.length) this.#board.say(data?.error?.message ?? word('noData'));
    else save(`${name}.csv`, new Blob([csv(data.frames)], { type: 'text/csv' }));
  }

  async #picture({ body }, name) {
    try {
      save(`${name}.png`, await picture(body.parentElement));
    } catch (error) {
      this.#board.say(String(error));
    }
  }

  /** What a picture shows can be read as well. */
  #asTable(one) {
    one.isTable = !one.isTable;
    this.#draw(one);
  }

  #look(changes) {
    for (const { target, isIntersecting } of changes) {
      const one = this.#shown.get(target.dataset.key);
      if (!one) continue;
      one.isSeen = isIntersecting;
      if (isIntersecting && !one.data) this.#want(one);
    }
  }

  #want(one) {
    if (one.panel.type === 'text' && !this.#saysVariables(one)) {
      return this.#show(one, { frames: [], from: 0, to: 0, error: null });
    }
    this.#wanted.add(one);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), 0);
  }

  /** A text with variables in it is written when they are known. */
  #saysVariables({ panel }) {
    return /\$|\[\[/.test(panel.options?.content ?? '');
  }

  /** One question at a time: whatever is wanted meanwhile is in the next. */
  #ask() {
    this.#asked ??= this.#askAll().finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  async #askAll() {
    while (this.#wanted.size > 0) {
      const wanted = [...this.#wanted];
      this.#wanted.clear();
      const asked = wanted.map(({ panel, scoped, body }) => ({ id: panel.id, scoped, points: pointsOf(panel, body) }));
      for (const data of await this.#load(asked, this.#asking.signal)) {
        const one = this.#shown.get(keyOf(data, data.scoped));
        if (one && wanted.includes(one)) this.#show(one, data);
      }
      performance.mark('virtflow-drawn');
    }
  }

  #show(one, data) {
    one.data = data;
    this.#draw(one);
  }

  #draw(one) {
    const { panel, body, data, scoped } = one;
    if (!data) return;
    const scrolled = body.querySelector('.scroll, .legend')?.scrollTop ?? 0;
    const hadFocus = body.contains(document.activeElement);
    one.drawn?.destroy?.();
    one.drawn = undefined;
    body.replaceChildren();
    body.classList.remove('beside');
    if (data.error) {
      body.append(element('p', { class: 'note bad' }, `${data.error.message} ${data.error.advice}`));
      return;
    }
    const draw = one.isTable ? drawTable : drawers[panel.type];
    if (!draw) {
      body.append(element('p', { class: 'note' }, word('grafanaAlone', { type: panel.type })));
      return;
    }
    const { scope } = this.#board;
    const board = {
      ...this.#board,
      scope: scope.within(scoped),
      link: (url, point) => this.#board.linkIn(url, scoped, point),
    };
    const shown = one.isTable ? { ...data, frames: tableOf(data.frames) } : data;
    one.drawn = draw(body, panel, shown, board);
    if (!one.drawn) body.append(element('p', { class: 'note' }, noteOf(panel)));
    if (scrolled > 0) body.querySelector('.scroll, .legend')?.scrollTo(0, scrolled);
    if (hadFocus) body.querySelector('[tabindex], button, a')?.focus();
  }
}

function keyOf({ id }, scoped) {
  return `${id} ${JSON.stringify(Object.entries(scoped).sort())}`;
}

function noteOf({ fieldConfig }) {
  return fieldConfig?.defaults?.noValue || word('noData');
}

function titleOf({ type, title }, scope) {
  return scope.text(title) || (type === 'text' ? word('text') : type);
}

/** A picture has no more points than the screen; a figure with a small line needs few. */
function pointsOf({ type }, body) {
  const width = Math.round(body.getBoundingClientRect().width) || 400;
  if (type === 'stat') return 60;
  if (type === 'heatmap' || type === 'state-timeline') return Math.min(240, width);
  return Math.max(50, Math.min(1_500, Math.round(width / 2)));
}

function rowOf({ title, collapsed }, scope, boxes) {
  const button = element('button', { type: 'button' });
  const show = (isOpen) => {
    button.setAttribute('aria-expanded', String(isOpen));
    button.textContent = `${isOpen ? '▾' : '▸'} ${scope.text(title) || word('row')}`;
    for (const box of boxes) styled(box, { display: isOpen ? '' : 'none' });
  };
  button.addEventListener('click', () => show(button.getAttribute('aria-expanded') !== 'true'));
  show(collapsed !== true);
  return element('div', { class: 'row' }, button);
}

function save(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = element('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
