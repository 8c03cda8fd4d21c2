import { ask } from './api.js';
import { icon, make } from './dom.js';
import { restResponse } from './operations/rest.js';
import { words } from './words.js';

/** @typedef {{ key: string, name: string, since: number, until: number | null, severity: string, says: string }} Firing */
/** @typedef {{ range: { from: number, to: number }, count: number, more: number, objects: number, samples: number, learning: number, firings: Firing[] }} Backtest */
/** @typedef {{ draft: Backtest, today: Backtest | null, apart: { same: number, added: number, gone: number, moved: number } | null }} Comparison */

const hour = 3_600_000;
/** @type {Record<string, number>} */
const ranges = { '6h': 6 * hour, '24h': 24 * hour, '7d': 168 * hour, '30d': 720 * hour };
/** More objects are summed up in words. */
const mostRows = 20;

/**
 * Tries the rule of a form on the stored past, as it stands there, and draws when it would have fired.
 * @param {HTMLElement} form
 * @param {NodeDescription} description
 * @param {EditorNode} node
 * @param {() => Record<string, unknown>} values
 * @returns {Part}
 */
export function openBacktest(form, description, node, values) {
  const place = form.querySelector('[data-virtflow-widget="backtest"]');
  if (!place) return {};
  /** @type {AbortController | undefined} */
  let running;
  const range = make(
    'select',
    { 'aria-label': words('backtest.range') },
    ...Object.keys(ranges).map((name) =>
      make('option', { value: name, selected: name === '24h' }, words(`backtest.ranges.${name}`)),
    ),
  );
  const text = make('span', {}, words('backtest.try'));
  const button = make('button', { type: 'button', class: 'red-ui-button' }, icon('fa-history'), ' ', text);
  const bar = make('progress', {
    max: 1,
    value: 0,
    class: 'virtflow-hidden',
    'aria-label': words('backtest.progress'),
  });
  const said = make('div', { class: 'virtflow-note', role: 'status' });
  const drawing = make('div', { class: 'virtflow-backtest' });
  place.append(make('div', { class: 'virtflow-backtest-bar' }, range, button, bar), said, drawing);

  /** @param {boolean} isRunning */
  function show(isRunning) {
    text.textContent = words(isRunning ? 'backtest.stop' : 'backtest.try');
    bar.classList.toggle('virtflow-hidden', !isRunning);
  }

  /**
   * @param {string} sentence
   * @param {boolean} [isError]
   */
  function say(sentence, isError = false) {
    said.textContent = sentence;
    said.classList.toggle('virtflow-error', isError);
  }

  async function run() {
    const own = new AbortController();
    running = own;
    show(true);
    say('');
    bar.value = 0;
    drawing.replaceChildren();
    try {
      const form = values();
      const draft = { type: description.type, id: node.id, name: String(form.name ?? ''), form };
      const { rule } = /** @type {{ rule: object }} */ (await ask('POST', 'rules/draft', draft));
      const to = Date.now();
      const from = to - (ranges[range.value] ?? hour);
      const result = await backtest({ rule, from, to }, own.signal, (ratio) => {
        bar.value = ratio;
      });
      say(summaryOf(result));
      drawing.append(...drawn(result));
    } catch (problem) {
      if (!own.signal.aborted) say(/** @type {Problem} */ (problem).message ?? String(problem), true);
    }
    if (running === own) {
      running = undefined;
      show(false);
    }
  }

  button.addEventListener('click', () => {
    if (!running) {
      void run();
      return;
    }
    running.abort();
    running = undefined;
    show(false);
  });
  return { close: () => running?.abort() };
}

/**
 * @param {object} body
 * @param {AbortSignal} signal
 * @param {(ratio: number) => void} progress
 * @returns {Promise<Comparison>}
 */
async function backtest(body, signal, progress) {
  const response = await restResponse('/rules/backtest', {
    method: 'POST',
    body: JSON.stringify(body),
    signal,
    accept: 'application/x-ndjson',
  });
  for await (const line of linesOf(response)) {
    if (line.progress !== undefined) progress(line.progress);
    if (line.error) throw { message: line.error.detail };
    if (line.result) return line.result;
  }
  throw { message: words('unreachable') };
}

/**
 * @param {Response} response
 * @returns {AsyncGenerator<{ progress?: number, result?: Comparison, error?: { detail: string } }>}
 */
async function* linesOf(response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line);
  }
}

/** @param {Comparison} comparison */
function summaryOf({ draft, today, apart }) {
  const { count, objects, samples, learning, range, more } = draft;
  const sentences = [
    samples === 0 ? words('backtest.nothing') : words('backtest.found', { count, objects, samples }),
    learning > 0 ? words('backtest.learning', { learning }) : '',
    today && apart ? words('backtest.apart', { count: today.count, ...apart }) : words('backtest.notDeployed'),
    more > 0 ? words('backtest.more') : '',
    Date.now() - range.to > 120_000 ? words('backtest.until', { until: timeOf(range.to) }) : '',
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

/**
 * A row for each object: above, when the draft would have fired; beneath, when today's rule would have.
 * @param {Comparison} comparison
 */
function drawn({ draft, today }) {
  const names = new Map();
  for (const { key, name } of [...draft.firings, ...(today?.firings ?? [])]) names.set(key, name);
  if (names.size === 0) return [];
  const shown = [...names].slice(0, mostRows);
  const rows = shown.map(([key, name]) => rowOf(key, name, draft, today));
  const { from, to } = draft.range;
  const axis = make(
    'div',
    { class: 'virtflow-backtest-axis' },
    make('span', {}, timeOf(from)),
    make('span', {}, timeOf(to)),
  );
  const legend = today
    ? [
        make(
          'div',
          { class: 'virtflow-backtest-legend' },
          make('span', { class: 'virtflow-backtest-draft' }, words('backtest.draft')),
          make('span', { class: 'virtflow-backtest-today' }, words('backtest.today')),
        ),
      ]
    : [];
  const hidden = names.size - shown.length;
  const others =
    hidden > 0 ? [make('div', { class: 'virtflow-note' }, words('backtest.others', { count: hidden }))] : [];
  const table = make('div', { role: 'list', 'aria-label': words('backtest.timeline') }, ...rows);
  return [...legend, table, axis, ...others];
}

/**
 * @param {string} key
 * @param {string} name
 * @param {Backtest} draft
 * @param {Backtest | null} today
 */
function rowOf(key, name, draft, today) {
  const lane = (/** @type {Backtest} */ of, /** @type {string} */ side) =>
    of.firings.filter((firing) => firing.key === key).map((firing) => barOf(firing, draft.range, side));
  const track = make(
    'div',
    { class: `virtflow-backtest-track${today ? '' : ' virtflow-backtest-alone'}` },
    ...lane(draft, 'draft'),
    ...(today ? lane(today, 'today') : []),
  );
  return make('div', { role: 'listitem', class: 'virtflow-backtest-row' }, make('span', { title: name }, name), track);
}

/**
 * @param {Firing} firing
 * @param {{ from: number, to: number }} range
 * @param {string} side
 */
function barOf({ since, until, severity, says }, { from, to }, side) {
  const percent = (/** @type {number} */ at) => (100 * (Math.min(to, Math.max(from, at)) - from)) / (to - from);
  const left = percent(since);
  const width = percent(until ?? to) - left;
  const end = until === null ? words('backtest.still') : timeOf(until);
  const about = `${words(`backtest.${side}`)}, ${severity}: ${timeOf(since)} – ${end}. ${says}`;
  return make('span', {
    role: 'img',
    tabindex: 0,
    class: `virtflow-backtest-firing virtflow-backtest-${side} virtflow-severity-${severity}`,
    style: `left: ${left.toFixed(3)}%; width: max(3px, ${width.toFixed(3)}%)`,
    title: about,
    'aria-label': about,
  });
}

/** @param {number} at */
function timeOf(at) {
  return new Intl.DateTimeFormat(RED.i18n.lang(), {
    day: '2-digit',
    month: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}
