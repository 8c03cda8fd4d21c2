import { ask, base, listen, useToken } from './client.js';
import { Crosshair } from './crosshair.js';
import { byId, element } from './dom.js';
import { Scope } from './interpolate.js';
import { Panels } from './panels.js';
import { asAsked, local, timeOf } from './range.js';
import { unfold } from './series.js';
import { closeTip, movesTip, pinTip, showTip } from './tip.js';
import { inWords, labelOf, titleOf, translated } from './titles.js';
import { showVariables } from './variables.js';
import { moment, translatePage, word } from './words.js';

const ranges = ['live', 'now-1h', 'now-6h', 'now-24h', 'now-7d', 'now-30d'];
const refreshes = [
  ['off', word('off')],
  ['live', word('asTheyCome')],
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
  variables: [],
  marks: [],
  /** Names of the annotations that are shown; undefined as the file has it. */
  annotations: undefined,
  before: [],
  theme: undefined,
};
let streaming = new AbortController();
let asking = new AbortController();

const board = {
  crosshair: new Crosshair(),
  marks: () => state.marks,
  zoom: (from, to) => moveTo(String(from), String(to)),
  tip: showTip,
  pin: pinTip,
  /** Says something to who listens to the page. */
  read: (text) => {
    byId('reads').textContent = text;
  },
  link: (url, point) => linkOf(url, board.scope, point),
  get scope() {
    return new Scope(state.variables, state);
  },
  linkIn: (url, scoped, point) => linkOf(url, board.scope.within(scoped), point),
  say,
};
const panels = new Panels(byId('main'), board, load);

function say(text) {
  byId('says').textContent = text;
}

/** Grafana's links, onto this page: `/d/uid?var-vm=…`. Others than to pages of the web lead nowhere. */
function linkOf(url, scope, point) {
  const filled = scope.address(url ?? '', point);
  if (filled.startsWith('/d/') || filled.startsWith('d/'))
    return base + (filled.startsWith('/') ? filled : `/${filled}`);
  return /^(https?:\/\/|mailto:|\/(?!\/)|#)/.test(filled) ? filled : '#';
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

function moveTo(from, to) {
  state.before.push([state.from, state.to]);
  setRange(from, to);
}

function setRange(from, to) {
  state.from = from;
  state.to = to;
  showRange();
  writeAddress(false);
  closeTip();
  panels.forget();
}

const rangeFrom = (value) => (value === 'live' ? 'now-15m' : value);

function showRange() {
  const known = ranges.find((value) => state.to === 'now' && rangeFrom(value) === state.from);
  byId('range').value = known ?? 'free';
  byId('free').hidden = known !== undefined;
  if (known) return;
  byId('from').value = local(timeOf(state.from));
  byId('to').value = local(timeOf(state.to, true));
}

/** All panels that are seen are asked for at once, until something else is to be shown. */
async function load(asked, until) {
  performance.mark('virtflow-ask');
  const signal = AbortSignal.any([asking.signal, until]);
  try {
    const answer = await figures(asked, signal);
    if (signal.aborted) return [];
    performance.mark('virtflow-answer');
    say(answer.marksError ? `${answer.marksError.message} ${answer.marksError.advice}` : '');
    take(answer);
    return answer.panels;
  } catch (error) {
    if (!signal.aborted) say(error.message);
    return [];
  }
}

async function figures(asked, signal) {
  const { chosen: variables, annotations } = state;
  const range = { from: asAsked(state.from, false), to: asAsked(state.to, true) };
  const body = { ...range, variables, panels: asked, ...(annotations ? { annotations } : {}) };
  const answer = await ask(`/dashboards/${state.uid}/figures`, body, signal);
  return isOwn() ? unfold(answer) : inLanguage(unfold(answer));
}

function isOwn() {
  return state.boards.find(({ uid }) => uid === state.uid)?.own !== false;
}

/** What a shipped file gave names and words to. */
function inLanguage({ panels: answered, variables, marks, ...rest }) {
  const frameOf = (frame) => {
    const fields = frame.fields.map((field) => ({ ...field, config: inWords(field.config, field.name) }));
    return { ...frame, fields };
  };
  return {
    ...rest,
    panels: answered.map((panel) => ({ ...panel, frames: panel.frames.map(frameOf) })),
    variables: variables.map((one) => ({ ...one, label: labelOf(one.label) })),
    marks: marks.map((mark) => ({ ...mark, name: labelOf(mark.name) })),
  };
}

function take({ marks, variables }) {
  state.marks = marks;
  state.variables = variables;
  panels.name();
  showLinks(state.file);
  showVariables(byId('variables'), variables, marks, annotationsOf(state), {
    choose: (name, values) => {
      state.chosen = { ...state.chosen, [name]: values };
      writeAddress(false);
      panels.forget();
    },
    annotate: (names) => {
      state.annotations = names;
      panels.forget();
    },
  });
}

/** Those that can be put on and off, and which are on. */
function annotationsOf({ file, annotations }) {
  const known = (file?.annotations?.list ?? []).filter(({ builtIn, hide }) => builtIn !== 1 && hide !== true);
  return known.map(({ name, enable, iconColor }) => {
    const label = isOwn() ? name : labelOf(name);
    return { name, label, color: iconColor, isOn: annotations?.includes(name) ?? enable !== false };
  });
}

async function open(isNew, search) {
  asking.abort();
  asking = new AbortController();
  closeTip();
  const { dashboard: file, notDrawn } = await ask(`/dashboards/${state.uid}`);
  const dashboard = isOwn() ? file : translated(file);
  const { time = {}, refresh, title, graphTooltip = 0 } = dashboard;
  Object.assign(state, { file: dashboard, before: [], annotations: undefined, variables: [], marks: [] });
  state.from = search.get('from') ?? time.from ?? 'now-6h';
  state.to = search.get('to') ?? time.to ?? 'now';
  if (refreshes.some(([value]) => value === refresh)) state.refresh = refresh;
  byId('refresh').value = state.refresh;
  board.crosshair.isShared = graphTooltip > 0;
  document.title = `${title} · virtflow`;
  byId('boards').value = state.uid;
  byId('variables').replaceChildren();
  showLinks(dashboard);
  showRange();
  writeAddress(isNew);
  await panels.open(dashboard, notDrawn, async () => take(await figures([], asking.signal)));
  follow();
}

function showLinks({ links = [] }) {
  const tags = links.flatMap((link) => (link.type === 'dashboards' ? (link.tags ?? []) : []));
  const related = state.boards.filter((one) => tags.some((tag) => one.tags.includes(tag)));
  const made = related.map(({ uid, ...one }) =>
    element(
      'a',
      {
        href: `${base}/d/${uid}?from=${state.from}&to=${state.to}`,
        'aria-current': uid === state.uid ? 'page' : undefined,
      },
      titleOf(one),
    ),
  );
  const plain = links
    .filter(({ type, url }) => type === 'link' && url)
    .map(({ url, title }) => element('a', { href: board.link(url) }, title || url));
  byId('links').replaceChildren(...made, ...plain);
}

const again = () => state.to.startsWith('now') && panels.refresh();

/**
 * Figures are asked for again as they come, or every so often. Browsers make six connections to a place for all of its
 * pages: one that nobody sees leaves its own to the others.
 */
function follow() {
  streaming.abort();
  streaming = new AbortController();
  if (document.hidden || !state.file) return;
  const { signal } = streaming;
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
  byId('boards').replaceChildren(...items.map((one) => element('option', { value: one.uid }, titleOf(one))));
  const first = items.find(({ uid }) => uid === 'virtflow-fleet') ?? items[0];
  if (state.uid === '') state.uid = first?.uid ?? '';
  if (state.uid === '') return say(word('noDashboards'));
  await open(false, search);
  panels.warn(broken.map(({ error }) => error.message));
}

async function guarded(work) {
  try {
    await work();
  } catch (error) {
    if (!asking.signal.aborted) say(error.message);
  }
}

function go(address) {
  history.pushState(null, '', address);
  const search = readAddress();
  return guarded(() => open(false, search));
}

function fill(select, choices) {
  select.replaceChildren(...choices.map(([value, title]) => element('option', { value }, title)));
}

translatePage();
fill(byId('range'), [...ranges.map((value) => [value, word(value)]), ['free', word('free')]]);
fill(byId('refresh'), refreshes);
byId('refresh').value = state.refresh;

byId('range').addEventListener('change', ({ target }) => {
  if (target.value === 'free') {
    byId('free').hidden = false;
    byId('from').value = local(timeOf(state.from));
    byId('to').value = local(timeOf(state.to, true));
    byId('from').focus();
  } else setRange(rangeFrom(target.value), 'now');
});
byId('free').addEventListener('submit', (event) => {
  event.preventDefault();
  const [from, to] = [new Date(byId('from').value).getTime(), new Date(byId('to').value).getTime()];
  if (!(from < to)) return say(word('backwards'));
  moveTo(String(from), String(to));
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
byId('earlier').addEventListener('click', () => shift(-1));
byId('later').addEventListener('click', () => shift(1));
byId('theme').addEventListener('click', changeTheme);
byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  useToken(byId('token').value.trim());
  byId('token').value = '';
  void guarded(start);
});
document.addEventListener('visibilitychange', () => {
  follow();
  if (!document.hidden && state.refresh !== 'off') again();
});
addEventListener('popstate', () => {
  const search = readAddress();
  void guarded(() => open(false, search));
});
/** Within the page, so that a token that was typed is not lost. */
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || event.ctrlKey || event.metaKey || event.button !== 0 || !link.pathname.startsWith(`${base}/d/`)) return;
  event.preventDefault();
  void go(link.href);
});
document.addEventListener('mousemove', movesTip);
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
  if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !isTyping) zoomOut();
  if ((event.ctrlKey || event.metaKey) && event.key === 'p') {
    event.preventDefault();
    void printWhole();
  }
  if (event.key === 'Escape') {
    closeTip();
    for (const one of document.querySelectorAll('details[open]')) one.open = false;
  }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'r') panels.refresh();
  if (event.key === 't') changeTheme();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => panels.redraw());
addEventListener('beforeprint', () => onPaper(true));
addEventListener('afterprint', () => onPaper(false));

/** Back to where a zoom began; else twice as much. */
function zoomOut() {
  const before = state.before.pop();
  if (before) return setRange(...before);
  const [from, to] = [timeOf(state.from), timeOf(state.to, true)];
  setRange(
    String(Math.round(from - (to - from) / 2)),
    state.to === 'now' ? 'now' : String(Math.round(to + (to - from) / 2)),
  );
}

/** Half a range earlier or later, and not into the future. */
function shift(direction) {
  const [from, to] = [timeOf(state.from), timeOf(state.to, true)];
  const step = Math.min((direction * (to - from)) / 2, Math.max(0, Date.now() - to));
  moveTo(String(Math.round(from + step)), String(Math.round(to + step)));
}

/** What nobody has scrolled to yet is on the paper as well. */
async function printWhole() {
  await panels.whole();
  print();
}

/** Paper is light, of its own width, and says of which time it tells. */
function onPaper(isPaper) {
  const { dataset } = document.documentElement;
  dataset.paper = String(isPaper);
  byId('printed').textContent = [timeOf(state.from), timeOf(state.to, true)].map(moment).join(' – ');
  if (isPaper) state.theme = dataset.theme;
  if (isPaper) dataset.theme = 'light';
  else if (state.theme) dataset.theme = state.theme;
  else delete dataset.theme;
  panels.redraw();
}

function changeTheme() {
  const { dataset } = document.documentElement;
  const isDark = dataset.theme ? dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  dataset.theme = isDark ? 'light' : 'dark';
  panels.redraw();
}

void guarded(start);
