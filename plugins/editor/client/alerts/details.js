import { debounced } from '../api.js';
import { icon, make } from '../dom.js';
import { problemFrom, rest } from '../operations/rest.js';
import { keptButton, sections } from '../operations/sections.js';
import { shell } from '../shell.js';
import { words } from '../words.js';
import { detailSections, sentenceSection } from './detail-sections.js';
import { silenceForm } from './silence-form.js';
import { titleOf } from './spoken.js';

const settleMs = 120;
/** By kind of an object: its dashboard, and the variable that chooses it there. @type {Record<string, [string, string]>} */
const dashboards = {
  vm: ['virtflow-vm', 'vm'],
  host: ['virtflow-host', 'host'],
  'storage-pool': ['virtflow-storage', 'pool'],
};

/**
 * All about one alert, and what may be done about it; kept up to date while it is open.
 * @param {{
 *   closed: () => void,
 *   show: (id: string) => void,
 *   find: (id: string) => AlertSummary | undefined,
 *   showRule: (id: string) => void,
 * }} options
 */
export function alertDetails({ closed, show, find, showRule }) {
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
  /** Of what was asked for. @type {RestProblem | undefined} */
  let problem;
  /** Of reading it. @type {RestProblem | undefined} */
  let unread;

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
    unread = undefined;
    draw();
  }

  /** @param {unknown} thrown */
  function failed(thrown) {
    unread = problemFrom(thrown);
    draw();
  }

  /** What cannot be done leaves the form of a silence as it was filled in. @param {Promise<unknown>} asked */
  async function act(asked) {
    const of = opened;
    const refused = await asked.then(() => undefined, problemFrom);
    if (of !== opened) return;
    problem = refused;
    if (!refused) isSilencing = false;
    draw();
    read.ask(of);
  }

  function draw() {
    const wrong = problem ?? unread;
    parts.show('problem', wrong, () =>
      wrong ? [make('p', { class: 'virtflow-wrong', role: 'alert' }, `${wrong.message} ${wrong.advice}`)] : [],
    );
    if (!alert) return;
    const shown = alert;
    title.textContent = titleOf(shown);
    sentenceSection(parts, shown);
    drawButtons(shown);
    detailSections(parts, shown, told, { show, find });
  }

  /** @param {AlertDetail} shown */
  function drawButtons(shown) {
    const { id, ongoing, acknowledged, silenced, rule, object, name, why } = shown;
    const path = `/alerts/${encodeURIComponent(id)}`;
    const board = object ? dashboards[object.kind] : undefined;
    parts.show('buttons', [id, ongoing, acknowledged, silenced, isSilencing], () => [
      make(
        'div',
        { class: 'virtflow-buttons' },
        ...(ongoing && !acknowledged
          ? [
              keptButton('take', words('alerts.acknowledge'), () => void act(rest('POST', `${path}/acknowledge`)), {
                class: 'virtflow-primary',
              }),
            ]
          : []),
        ...(ongoing && acknowledged
          ? [keptButton('take', words('alerts.unacknowledge'), () => void act(rest('POST', `${path}/unacknowledge`)))]
          : []),
        ...(silenced
          ? [
              keptButton(
                'silence',
                words('alerts.endSilence'),
                () => void act(rest('DELETE', `/silences/${encodeURIComponent(silenced.id)}`)),
              ),
            ]
          : []),
        ...(silenced ? [] : [keptButton('silence', words('alerts.silence'), askSilence)]),
        ...(why.kind === 'built-in' ? [] : [keptButton('rule', words('alerts.showRule'), () => showRule(rule))]),
        ...(board ? [dashboardLink(board, name, shown.connection)] : []),
      ),
      ...(isSilencing
        ? [silenceForm(shown, { send: (asked) => void act(rest('POST', '/silences', asked)), cancel: leaveSilence })]
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
        [problem, unread] = [undefined, undefined];
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
      href: `${shell.dashboards}/d/${uid}?${query}`,
      target: '_blank',
      rel: 'noopener',
      'data-focus': 'object',
    },
    words('alerts.showObject'),
  );
}
