import { ask, base, listen, useToken } from './client.js';
import { byId, element } from './dom.js';
import { Panels } from './panels.js';
import { unfold } from './series.js';
import { startVariables } from './variables.js';

const ranges = [
  ['live', 'Live (15 min)'],
  ['now-1h', 'Last hour'],
  ['now-6h', 'Last 6 hours'],
  ['now-24h', 'Last 24 hours'],
  ['now-7d', 'Last 7 days'],
  ['now-30d', 'Last 30 days'],
];
const refreshes = [
  ['off', 'Off'],
  ['live', 'As figures come'],
  ['10s', '10 s'],
  ['1m', '1 min'],
  ['5m', '5 min'],
];

const state = {
  uid: '',
  from: 'now-6h',
  to: 'now',
  chosen: {},
  refresh: 'live',
  file: undefined,
  boards: [],
  marks: [],
  before: [],
};
const tipBox = element('div', { class: 'tip', hidden: true });
let streaming = new AbortController();
let asking = new AbortController();

const board = {
  sync: 'virtflow',
  marks: () => state.marks,
  zoom: (from, to) => {
    state.before.push([state.from, state.to]);
    setRange(String(from), String(to));
  },
  tip: (content) => {
    tipBox.hidden = !content;
    if (content) tipBox.replaceChildren(content);
  },
  link: linkOf,
  say,
};
const panels = new Panels(byId('main'), board, load);

function say(text) {
  byId('says').textContent = text;
}

/** Grafana's links, onto this page: `/d/uid?var-vm=…`. Others than to pages of the web lead nowhere. */
function linkOf(url, { fields = {}, value }) {
  const filled = url
    .replace(/\$\{__data\.fields\["?([^"\]}]+)"?\]\}|\$\{__data\.fields\.(\w+)\}/g, (_, quoted, bare) =>
      encodeURIComponent(String(fields[quoted ?? bare] ?? '')),
    )
    .replaceAll('${__value.raw}', encodeURIComponent(String(value ?? '')))
    .replaceAll(/\$\{__url_time_range\}|\$__url_time_range/g, `from=${state.from}&to=${state.to}`);
  if (filled.startsWith('/d/') || filled.startsWith('d/'))
    return base + (filled.startsWith('/') ? filled : `/${filled}`);
  return /^(https?:\/\/|\/|#)/.test(filled) ? filled : '#';
}

function readAddress() {
  const search = new URLSearchParams(location.search);
  state.uid = /\/d\/([\w-]+)/.exec(location.pathname)?.[1] ?? '';
  state.chosen = {};
  for (const name of new Set(search.keys())) {
    if (name.startsWith('var-')) state.chosen[name.slice(4)] = search.getAll(name);
  }
  return search;
}

function writeAddress(isNew) {
  const search = new URLSearchParams({ from: state.from, to: state.to });
  for (const [name, values] of Object.entries(state.chosen))
    for (const value of values) search.append(`var-${name}`, value);
  const address = `${base}/d/${state.uid}?${search}`;
  if (isNew) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}

function setRange(from, to) {
  state.from = from;
  state.to = to;
  showRange();
  writeAddress(false);
  panels.forget();
}

function showRange() {
  const select = byId('range');
  const isKnown = state.to === 'now' && ranges.some(([value]) => rangeFrom(value) === state.from);
  select.value = isKnown ? ranges.find(([value]) => rangeFrom(value) === state.from)[0] : 'free';
  byId('free').hidden = isKnown;
  if (isKnown) return;
  byId('from').value = local(timeOf(state.from));
  byId('to').value = local(timeOf(state.to));
}

const rangeFrom = (value) => (value === 'live' ? 'now-15m' : value);

function timeOf(text) {
  const [, count, unit] = /^now-(\d+)([smhd])$/.exec(text) ?? [];
  if (text === 'now') return Date.now();
  if (count) return Date.now() - Number(count) * { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[unit];
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}

/** As the field for a date takes it: in the time of this place. */
function local(at) {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** All panels that are seen are asked for at once. */
async function load(asked) {
  performance.mark('virtflow-ask');
  const { signal } = asking;
  try {
    const body = { from: state.from, to: state.to, variables: state.chosen, panels: asked };
    const answer = unfold(await ask(`/dashboards/${state.uid}/figures`, body, signal));
    if (signal.aborted) return [];
    performance.mark('virtflow-answer');
    say('');
    state.marks = answer.marks;
    variables.show(answer.variables);
    return answer.panels;
  } catch (error) {
    if (!signal.aborted) say(error.message);
    return [];
  }
}

const variables = startVariables(byId('variables'), (name, values) => {
  state.chosen = { ...state.chosen, [name]: values };
  writeAddress(false);
  panels.forget();
});

async function open(isNew) {
  asking.abort();
  asking = new AbortController();
  const { dashboard, notDrawn } = await ask(`/dashboards/${state.uid}`);
  state.file = dashboard;
  state.before = [];
  document.title = `${dashboard.title} · virtflow`;
  byId('boards').value = state.uid;
  variables.clear();
  showLinks(dashboard);
  showRange();
  writeAddress(isNew);
  panels.open(dashboard, notDrawn);
  follow();
}

function showLinks({ links = [] }) {
  const tags = links.flatMap((link) => (link.type === 'dashboards' ? (link.tags ?? []) : []));
  const related = state.boards.filter((one) => tags.some((tag) => one.tags.includes(tag)));
  const made = related.map(({ uid, title }) =>
    element(
      'a',
      {
        href: `${base}/d/${uid}?from=${state.from}&to=${state.to}`,
        'aria-current': uid === state.uid ? 'page' : undefined,
      },
      title,
    ),
  );
  const plain = links
    .filter(({ type, url }) => type === 'link' && url)
    .map(({ url, title }) => element('a', { href: linkOf(url, {}) }, title || url));
  byId('links').replaceChildren(...made, ...plain);
}

/** Figures are asked for again as they come, or every so often. */
function follow() {
  streaming.abort();
  streaming = new AbortController();
  const { signal } = streaming;
  const isNow = () => state.to === 'now' && !document.hidden;
  const again = () => isNow() && panels.refresh();
  if (state.refresh === 'live') void listen('/dashboards/changes', again, signal);
  const seconds = { '10s': 10, '1m': 60, '5m': 300 }[state.refresh];
  if (!seconds) return;
  const timer = setInterval(again, seconds * 1000);
  signal.addEventListener('abort', () => clearInterval(timer));
}

async function start() {
  const search = readAddress();
  const { items, broken } = await ask('/dashboards');
  state.boards = items;
  byId('boards').replaceChildren(...items.map(({ uid, title }) => element('option', { value: uid }, title)));
  const first = items.find(({ uid }) => uid === 'virtflow-fleet') ?? items[0];
  if (state.uid === '') state.uid = first?.uid ?? '';
  if (state.uid === '') return say('There are no dashboards.');
  state.from = search.get('from') ?? 'now-6h';
  state.to = search.get('to') ?? 'now';
  await open(false);
  panels.warn(broken.map(({ error }) => error.message));
}

async function guarded(work) {
  try {
    await work();
  } catch (error) {
    say(error.message);
  }
}

function go(address) {
  history.pushState(null, '', address);
  const search = readAddress();
  state.from = search.get('from') ?? state.from;
  state.to = search.get('to') ?? state.to;
  return guarded(() => open(false));
}

function fill(select, choices) {
  select.replaceChildren(...choices.map(([value, title]) => element('option', { value }, title)));
}

fill(byId('range'), [...ranges, ['free', 'Free …']]);
fill(byId('refresh'), refreshes);
byId('refresh').value = state.refresh;
document.body.append(tipBox);

byId('range').addEventListener('change', ({ target }) => {
  if (target.value === 'free') {
    byId('free').hidden = false;
    byId('from').value = local(timeOf(state.from));
    byId('to').value = local(timeOf(state.to));
    byId('from').focus();
  } else setRange(rangeFrom(target.value), 'now');
});
byId('free').addEventListener('submit', (event) => {
  event.preventDefault();
  const [from, to] = [new Date(byId('from').value).getTime(), new Date(byId('to').value).getTime()];
  if (!(from < to)) return say('The range ends before it begins.');
  state.before.push([state.from, state.to]);
  setRange(String(from), String(to));
});
byId('refresh').addEventListener('change', ({ target }) => {
  state.refresh = target.value;
  follow();
});
byId('boards').addEventListener('change', ({ target }) =>
  go(`${base}/d/${target.value}?from=${state.from}&to=${state.to}`),
);
byId('again').addEventListener('click', () => panels.refresh());
byId('out').addEventListener('click', zoomOut);
byId('theme').addEventListener('click', changeTheme);
byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  useToken(byId('token').value.trim());
  byId('token').value = '';
  void guarded(start);
});
addEventListener('popstate', () => {
  const search = readAddress();
  state.from = search.get('from') ?? state.from;
  state.to = search.get('to') ?? state.to;
  void guarded(() => open(false));
});
/** Within the page, so that a token that was typed is not lost. */
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || event.ctrlKey || event.metaKey || event.button !== 0 || !link.pathname.startsWith(`${base}/d/`)) return;
  event.preventDefault();
  void go(link.href);
});
document.addEventListener('mousemove', ({ clientX, clientY }) => {
  if (tipBox.hidden) return;
  const isRight = clientX > innerWidth - 380;
  tipBox.style.left = isRight ? '' : `${clientX + 16}px`;
  tipBox.style.right = isRight ? `${innerWidth - clientX + 16}px` : '';
  tipBox.style.top = `${Math.min(clientY + 14, innerHeight - tipBox.offsetHeight - 8)}px`;
});
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
  if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !isTyping) zoomOut();
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'r') panels.refresh();
  if (event.key === 't') changeTheme();
  if (event.key === 'Escape') for (const open of document.querySelectorAll('details[open]')) open.open = false;
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => panels.redraw());
addEventListener('beforeprint', () => panels.all());

/** Back to where a zoom began; else twice as much. */
function zoomOut() {
  const before = state.before.pop();
  if (before) return setRange(...before);
  const [from, to] = [timeOf(state.from), timeOf(state.to)];
  setRange(
    String(Math.round(from - (to - from) / 2)),
    state.to === 'now' ? 'now' : String(Math.round(to + (to - from) / 2)),
  );
}

function changeTheme() {
  const { dataset } = document.documentElement;
  const isDark = dataset.theme ? dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  dataset.theme = isDark ? 'light' : 'dark';
  panels.redraw();
}

void guarded(start);
