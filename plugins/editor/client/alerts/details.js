import { debounced } from '../api.js';
import { icon, make } from '../dom.js';
import { showOnCanvas } from '../operations/canvas.js';
import { problemFrom, rest } from '../operations/rest.js';
import { keptButton, sections, sectionTitle } from '../operations/sections.js';
import { longTime } from '../operations/spoken.js';
import { words } from '../words.js';
import { silenceForm } from './silence-form.js';
import { severityIcons, severityName, stateName, titleOf } from './spoken.js';

const settleMs = 120;
/** What of a reason is told elsewhere. */
const toldElsewhere = new Set(['says', 'samples', 'rule']);
const times = new Set(['conditionSince', 'lastSampleAt']);
/** By kind of an object: its dashboard, and the variable that chooses it there. @type {Record<string, [string, string]>} */
const dashboards = {
  vm: ['virtflow-vm', 'vm'],
  host: ['virtflow-host', 'host'],
  'storage-pool': ['virtflow-storage', 'pool'],
};

/**
 * All about one alert, and what may be done about it; kept up to date while it is open.
 * @param {{ closed: () => void, show: (id: string) => void, find: (id: string) => AlertSummary | undefined }} options
 */
export function alertDetails({ closed, show, find }) {
  const title = make('h3', { tabindex: -1, class: 'virtflow-details-title' });
  const label = words('alerts.close');
  const close = make(
    'button',
    { type: 'button', class: 'virtflow-button virtflow-close', 'aria-label': label, title: label },
    icon('fa-times'),
  );
  const body = make('div', { class: 'virtflow-details-body' });
  const element = make(
    'section',
    { class: 'virtflow-details', 'aria-label': words('alerts.details'), hidden: true },
    make('div', { class: 'virtflow-details-head' }, title, close),
    body,
  );
  const parts = sections(body, () => title.focus());
  let opened = '';
  let isSilencing = false;
  /** @type {AlertDetail | undefined} */
  let alert;
  /** @type {AlertNotification[]} */
  let told = [];
  /** @type {RestProblem | undefined} */
  let problem;

  const read = debounced(settleMs, readAll, take, (thrown) => failed(thrown));

  /** @param {string} id */
  async function readAll(id) {
    const path = `/alerts/${encodeURIComponent(id)}`;
    const [detail, list] = await Promise.all([
      rest('GET', path),
      // Who may not see everything is not told who was told.
      rest('GET', `/notifications?alert=${encodeURIComponent(id)}`).catch(() => ({ items: [] })),
    ]);
    return { detail: /** @type {AlertDetail} */ (detail), list: /** @type {{ items: AlertNotification[] }} */ (list) };
  }

  /** @param {{ detail: AlertDetail, list: { items: AlertNotification[] } }} found */
  function take({ detail, list }) {
    if (detail.id !== opened) return;
    alert = detail;
    told = list.items;
    draw();
  }

  /** @param {unknown} thrown */
  function failed(thrown) {
    problem = problemFrom(thrown);
    draw();
  }

  /** @param {string} path @param {Record<string, unknown>} [about] */
  async function act(path, about = {}) {
    problem = undefined;
    await rest('POST', path, about).catch((thrown) => {
      problem = problemFrom(thrown);
    });
    isSilencing = false;
    draw();
    read.ask(opened);
  }

  function draw() {
    parts.show('problem', problem, () =>
      problem ? [make('p', { class: 'virtflow-wrong', role: 'alert' }, `${problem.message} ${problem.advice}`)] : [],
    );
    if (!alert) return;
    const shown = alert;
    title.textContent = titleOf(shown);
    drawHead(shown);
    drawButtons(shown);
    drawReasons(shown);
    drawIncident(shown);
    drawTold(shown);
    parts.show('history', shown.history, () => listOf('alerts.history', shown.history.map(historyLine)));
  }

  /** @param {AlertDetail} shown */
  function drawHead(shown) {
    const { severity, state, why, ongoing, since, endedAt, suppressed, acknowledged } = shown;
    parts.show('sentence', [severity, state, why.says, endedAt, suppressed, acknowledged], () => [
      make(
        'p',
        { class: `virtflow-sentence virtflow-severity-${severity}` },
        icon(`fa-fw ${ongoing ? severityIcons[severity] : 'fa-check'} virtflow-state`),
        make(
          'span',
          {},
          `${severityName(shown)}, ${stateName(shown)}. ${why.says}`,
          make('br'),
          endedAt === null
            ? words('alerts.since', { time: longTime(since) })
            : words('alerts.lasted', { from: longTime(since), to: longTime(endedAt) }),
        ),
      ),
      ...(suppressed
        ? [
            noteLine(
              'fa-bell-slash-o',
              words('alerts.notTold'),
              suppressed.says ?? words(`alerts.quiet.${suppressed.by}`),
            ),
          ]
        : []),
      ...(acknowledged
        ? [noteLine('fa-check-square-o', words('alerts.takenBy', { by: acknowledged.by }), acknowledged.comment)]
        : []),
    ]);
  }

  /** @param {AlertDetail} shown */
  function drawButtons(shown) {
    const { id, ongoing, acknowledged, silenced, rule, object, name } = shown;
    const path = `/alerts/${encodeURIComponent(id)}`;
    const node = RED.nodes.node(rule);
    const board = object ? dashboards[object.kind] : undefined;
    parts.show('buttons', [id, ongoing, acknowledged, silenced, isSilencing, Boolean(node)], () => [
      make(
        'div',
        { class: 'virtflow-buttons' },
        ...(ongoing && !acknowledged
          ? [
              keptButton('take', words('alerts.acknowledge'), () => void act(`${path}/acknowledge`), {
                class: 'virtflow-primary',
              }),
            ]
          : []),
        ...(ongoing && acknowledged
          ? [keptButton('take', words('alerts.unacknowledge'), () => void act(`${path}/unacknowledge`))]
          : []),
        ...(silenced ? [keptButton('silence', words('alerts.endSilence'), () => void endSilence(silenced.id))] : []),
        ...(silenced ? [] : [keptButton('silence', words('alerts.silence'), askSilence)]),
        ...(node ? [keptButton('rule', words('alerts.showRule'), () => showOnCanvas(rule))] : []),
        ...(board ? [dashboardLink(board, name, shown.connection)] : []),
      ),
      ...(isSilencing
        ? [silenceForm(shown, { send: (asked) => void act('/silences', asked), cancel: leaveSilence })]
        : []),
    ]);
  }

  function askSilence() {
    isSilencing = true;
    draw();
    const first = body.querySelector('.virtflow-silence select');
    if (first instanceof HTMLElement) first.focus();
  }

  function leaveSilence() {
    isSilencing = false;
    draw();
    const button = body.querySelector('[data-focus="silence"]');
    if (button instanceof HTMLElement) button.focus();
  }

  /** @param {string} id */
  async function endSilence(id) {
    problem = undefined;
    await rest('DELETE', `/silences/${encodeURIComponent(id)}`).catch((thrown) => {
      problem = problemFrom(thrown);
    });
    draw();
    read.ask(opened);
  }

  /** @param {AlertDetail} shown */
  function drawReasons({ why, rule, value }) {
    parts.show('why', [why, value], () => {
      const about = Object.entries(why).filter(
        ([name, of]) => !toldElsewhere.has(name) && of !== null && of !== undefined,
      );
      const samples = (why.samples ?? []).map(({ at, value: sample }) => make('li', {}, `${longTime(at)}: ${sample}`));
      return [
        sectionTitle(words('alerts.why')),
        make(
          'dl',
          { class: 'virtflow-facts' },
          ...[['rule', rule], ...about].flatMap(([name, of]) => [
            make('dt', {}, words(`alerts.fact.${name}`, { defaultValue: String(name) })),
            make('dd', {}, factText(String(name), of)),
          ]),
        ),
        ...(samples.length > 0
          ? [
              make(
                'details',
                {},
                make('summary', { 'data-focus': 'samples' }, words('alerts.samples', { count: samples.length })),
                make('ul', { class: 'virtflow-plain' }, ...samples),
              ),
            ]
          : []),
      ];
    });
  }

  /** @param {AlertDetail} shown */
  function drawIncident({ id, incident, affected, above }) {
    const root = incident === id ? undefined : find(incident);
    parts.show('incident', [incident, root?.ruleName, affected, above], () => [
      ...(root
        ? [
            sectionTitle(words('alerts.partOf')),
            keptButton('incident', titleOf(root), () => show(root.id), { class: 'virtflow-link' }),
          ]
        : []),
      ...listOf(
        'alerts.affected',
        affected.map(({ name }) => name),
      ),
      ...listOf('alerts.above', above),
    ]);
  }

  /** @param {AlertDetail} shown */
  function drawTold({ routes }) {
    parts.show('told', [told, routes], () => [
      ...listOf('alerts.told', told.map(toldLine)),
      ...listOf('alerts.routes', routes.taken),
      ...listOf('alerts.passed', routes.passed),
    ]);
  }

  close.addEventListener('click', closed);
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (isSilencing) leaveSilence();
    else closed();
  });

  return {
    element,
    get id() {
      return opened;
    },
    /** @param {string} id */
    open(id) {
      if (id !== opened) {
        parts.clear();
        alert = undefined;
        problem = undefined;
        told = [];
        isSilencing = false;
        const known = find(id);
        title.textContent = known ? titleOf(known) : words('alerts.details');
      }
      opened = id;
      element.hidden = false;
      read.ask(id);
      title.focus();
    },
    close() {
      opened = '';
      alert = undefined;
      element.hidden = true;
      read.stop();
    },
    /** @param {string} id */
    hear(id) {
      if (id === opened) read.ask(id);
    },
  };
}

/** @param {[string, string]} board @param {string} name @param {string} connection */
function dashboardLink([uid, variable], name, connection) {
  const query = new URLSearchParams({ [`var-${variable}`]: name, 'var-connection': connection });
  return make(
    'a',
    {
      class: 'virtflow-button',
      href: `dashboards/d/${uid}?${query}`,
      target: '_blank',
      rel: 'noopener',
      'data-focus': 'object',
    },
    words('alerts.showObject'),
  );
}

/** @param {string} name @param {unknown} value */
function factText(name, value) {
  if (times.has(name) && typeof value === 'number') return longTime(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** @param {string} symbol @param {string} what @param {string} says */
function noteLine(symbol, what, says) {
  return make(
    'p',
    { class: 'virtflow-sentence' },
    icon(`fa-fw ${symbol}`),
    make('span', {}, says === '' ? what : `${what}: ${says}`),
  );
}

/** @param {AlertDetail['history'][number]} entry */
function historyLine({ at, what, says }) {
  return `${longTime(at)} · ${words(`alerts.what.${what}`)}: ${says}`;
}

/** @param {AlertNotification} notification */
function toldLine({ at, endedAt, contact, kind, state, says }) {
  return `${longTime(endedAt ?? at)} · ${contact} (${words(`alerts.kind.${kind}`)}): ${words(`alerts.became.${state}`)}${says === '' ? '' : `, ${says}`}`;
}

/** Nothing where there is nothing to list. @param {string} key @param {readonly string[]} lines */
function listOf(key, lines) {
  if (lines.length === 0) return [];
  return [
    sectionTitle(words(key)),
    make('ul', { class: 'virtflow-plain' }, ...lines.map((line) => make('li', {}, line))),
  ];
}
