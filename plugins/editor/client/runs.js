import { ask } from './api.js';
import { icon, make } from './dom.js';
import { messageText, runStepTitle, runTime } from './run-step.js';
import { words } from './words.js';

const runsRefreshMs = 2_000;
const runsTabId = 'virtflow-runs';

/** @type {(run: string) => void} */
let openRun = () => undefined;

/** Shows a run in the tab of runs, whatever flow it is of. @param {string} run */
export function showRun(run) {
  openRun(run);
}

/** The tab of the sidebar that lists the runs of the tab on the canvas, and steps through one. */
export function registerRunsTab() {
  const tab = new RunsTab();
  openRun = (run) => {
    RED.sidebar.show(runsTabId);
    tab.open(run);
  };
  RED.actions.add('virtflow:show-runs', () => RED.sidebar.show(runsTabId));
  RED.sidebar.addTab({
    id: runsTabId,
    label: words('journal.tab'),
    name: words('journal.tab'),
    iconClass: 'fa fa-history',
    content: tab.element,
    action: 'virtflow:show-runs',
    enableOnEdit: true,
  });
  RED.events.on('workspace:change', () => tab.refresh());
  // The sidebar tells that a tab was chosen before it shows it.
  new IntersectionObserver(() => tab.refresh()).observe(tab.element);
}

class RunsTab {
  constructor() {
    this.list = make('ul', { class: 'virtflow-runs-list', 'aria-label': words('journal.tab') });
    this.notice = make('p', { class: 'virtflow-runs-notice', role: 'status' });
    this.detail = make('div', { class: 'virtflow-run', tabindex: '-1' });
    this.allFlows = /** @type {HTMLInputElement} */ (make('input', { type: 'checkbox' }));
    this.recording = /** @type {HTMLInputElement} */ (make('input', { type: 'checkbox' }));
    this.element = make(
      'div',
      { class: 'virtflow-runs' },
      make(
        'div',
        { class: 'virtflow-runs-bar' },
        make('label', {}, this.allFlows, words('journal.allFlows')),
        make('label', { title: words('journal.recordingHint') }, this.recording, words('journal.recording')),
      ),
      this.notice,
      this.list,
      this.detail,
    );
    this.timer = 0;
    /** @type {string | undefined} */
    this.chosen = undefined;
    /** @type {RunView | undefined} */
    this.view = undefined;
    this.allFlows.addEventListener('change', () => this.refresh());
    this.recording.addEventListener('change', () => this.#record());
    this.list.addEventListener('keydown', (event) => this.#moveInList(event));
  }

  refresh() {
    window.clearTimeout(this.timer);
    if (!this.element.isConnected || this.element.offsetParent === null) return;
    const flow = this.allFlows.checked ? '' : String(RED.workspaces.active());
    ask('GET', 'runs', flow === '' ? {} : { flow }).then(
      (answer) => this.#list(/** @type {RunList} */ (answer)),
      (problem) => this.#say(problem.message),
    );
    if (this.chosen !== undefined) this.#load(this.chosen, this.view?.at ?? 0);
    this.timer = window.setTimeout(() => this.refresh(), runsRefreshMs);
  }

  /** @param {RunList} answer */
  #list({ recording, runs, waiting }) {
    this.recording.checked = recording;
    this.#say(runsNotice(recording, runs.length, waiting.length));
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.run : undefined;
    const entries = runs.map((run) => this.#entry(run));
    this.list.replaceChildren(...entries);
    const [first] = entries;
    const current = entries.find((entry) => runEntryButton(entry)?.dataset.run === this.chosen) ?? first;
    if (current) runEntryButton(current)?.setAttribute('tabindex', '0');
    if (focused)
      entries
        .map(runEntryButton)
        .find((button) => button?.dataset.run === focused)
        ?.focus();
  }

  /** @param {RunSummary} run */
  #entry(run) {
    const isChosen = run.id === this.chosen;
    const button = make(
      'button',
      {
        type: 'button',
        class: 'virtflow-runs-entry',
        'data-run': run.id,
        tabindex: '-1',
        'aria-current': isChosen ? 'true' : undefined,
      },
      make('span', { class: 'virtflow-runs-time' }, runTime(run.startedAt)),
      make('span', { class: 'virtflow-runs-name' }, runNodeName(run.node)),
      make('span', { class: 'virtflow-runs-count' }, words('journal.steps', { count: run.steps })),
      ...(run.failures > 0
        ? [
            make(
              'span',
              { class: 'virtflow-runs-failed' },
              icon('fa-warning'),
              words('journal.failures', { count: run.failures }),
            ),
          ]
        : []),
    );
    button.addEventListener('click', () => this.open(run.id));
    return make('li', {}, button);
  }

  /** @param {string} run */
  open(run) {
    this.chosen = run;
    for (const button of this.list.querySelectorAll('button')) {
      if (button.dataset.run === run) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
    this.#load(run, 0);
  }

  /**
   * @param {string} run
   * @param {number} at which step to show; what is shown already stays when nothing came to it
   */
  #load(run, at) {
    ask('GET', 'runs/steps', { run }).then(
      (answer) => {
        const detail = /** @type {RunDetail} */ (answer);
        if (run !== this.chosen || this.view?.isOf(detail)) return;
        this.view = new RunView(detail, (id) => this.#sentAgain(id));
        this.detail.replaceChildren(this.view.element);
        this.view.show(at);
      },
      (problem) => this.#say(problem.message),
    );
  }

  /** @param {string} run */
  #sentAgain(run) {
    this.open(run);
    this.refresh();
  }

  #record() {
    ask('POST', 'runs/recording', { on: this.recording.checked }).then(
      () => this.refresh(),
      (problem) => {
        this.recording.checked = !this.recording.checked;
        this.#say(problem.message);
      },
    );
  }

  /** @param {KeyboardEvent} event */
  #moveInList(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    /** @type {(HTMLElement | null)[]} */
    const buttons = [...this.list.querySelectorAll('button')];
    const at = buttons.indexOf(/** @type {HTMLElement | null} */ (document.activeElement));
    const next = step === undefined ? undefined : buttons[at + step];
    if (!next) return;
    event.preventDefault();
    buttons[at]?.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  }

  /** @param {string} text */
  #say(text) {
    this.notice.textContent = text;
  }
}

/** One run, step by step: the canvas shows where the message is. */
class RunView {
  /**
   * @param {RunDetail} detail
   * @param {(run: string) => void} sentAgain
   */
  constructor(detail, sentAgain) {
    this.detail = JSON.stringify(detail);
    this.run = detail.run?.id ?? '';
    this.steps = detail.steps;
    this.operations = detail.operations;
    this.sentAgain = sentAgain;
    this.at = 0;
    /** @type {HTMLButtonElement[]} */
    this.buttons = [
      this.#button('fa-fast-backward', 'first', () => this.show(0)),
      this.#button('fa-step-backward', 'back', () => this.show(this.at - 1)),
      this.#button('fa-step-forward', 'forward', () => this.show(this.at + 1)),
      this.#button('fa-fast-forward', 'last', () => this.show(this.steps.length - 1)),
    ];
    this.where = make('span', { class: 'virtflow-run-where', 'aria-live': 'polite' });
    this.body = make('div', { class: 'virtflow-run-step' });
    this.element = make(
      'section',
      { class: 'virtflow-run-view', 'aria-label': words('journal.run') },
      make('div', { class: 'virtflow-run-controls', role: 'group' }, ...this.buttons, this.where),
      this.body,
      ...(detail.plan === ''
        ? []
        : [make('h4', {}, words('journal.plan')), make('pre', { class: 'virtflow-run-plan' }, detail.plan)]),
    );
    this.element.addEventListener('keydown', (event) => this.#key(event));
  }

  /** @param {number} at */
  show(at) {
    if (this.steps.length === 0) {
      this.where.textContent = words('journal.nothing');
      return;
    }
    this.at = Math.max(0, Math.min(at, this.steps.length - 1));
    const step = this.steps[this.at];
    if (!step) return;
    this.where.textContent = words('journal.where', { at: this.at + 1, count: this.steps.length });
    this.buttons.forEach((button, index) => {
      button.disabled = index < 2 ? this.at === 0 : this.at === this.steps.length - 1;
    });
    this.body.replaceChildren(...this.#stepParts(step));
    revealNode(step.node);
  }

  /** @param {RunDetail} detail */
  isOf(detail) {
    return this.detail === JSON.stringify(detail);
  }

  /** @param {RunStep} step */
  #stepParts(step) {
    const next = this.steps.filter((one) => one.from === step.node && one.id > step.id);
    return [
      make('h4', {}, `${runTime(step.at)} · ${runNodeName(step.node)}`),
      make('p', { class: 'virtflow-run-title' }, runStepTitle(step, step.from === null ? '' : runNodeName(step.from))),
      make('pre', { class: 'virtflow-run-message', tabindex: '0' }, messageText(step.message)),
      ...(step.altered.length > 0
        ? [make('p', { class: 'virtflow-run-altered' }, words('journal.altered', { parts: step.altered.join(', ') }))]
        : []),
      ...this.#operationsOf(step),
      ...(next.length > 0 ? [this.#sentOn(next)] : []),
      ...(step.kind === 'received' ? [this.#again(step)] : []),
    ];
  }

  /** @param {RunStep} step */
  #operationsOf(step) {
    const own = this.operations.filter(({ node }) => node === step.node);
    if (own.length === 0 || step.kind === 'failed') return [];
    const entries = own.map(({ action, targetName, state, error }) =>
      make(
        'li',
        { class: `virtflow-run-operation virtflow-run-${state}` },
        `${action} · ${targetName}: ${words(`journal.states.${state}`)}`,
        ...(error ? [make('span', {}, ` ${error}`)] : []),
      ),
    );
    return [make('h4', {}, words('journal.operations')), make('ul', { class: 'virtflow-run-operations' }, ...entries)];
  }

  /** @param {RunStep[]} next */
  #sentOn(next) {
    const links = next.map((one) => {
      const link = make('button', { type: 'button', class: 'virtflow-run-link' }, runNodeName(one.node));
      link.addEventListener('click', () => this.show(this.steps.indexOf(one)));
      return link;
    });
    return make('p', { class: 'virtflow-run-next' }, `${words('journal.sentTo')} `, ...links);
  }

  /** @param {RunStep} step */
  #again(step) {
    const said = make('p', { class: 'virtflow-run-said', role: 'status' });
    const plan = make('button', { type: 'button', class: 'red-ui-button' }, words('journal.againPlan'));
    const real = make(
      'button',
      { type: 'button', class: 'red-ui-button virtflow-run-real' },
      words('journal.againReal'),
    );
    if (step.altered.length > 0) real.disabled = true;
    /** @param {boolean} isReal */
    const send = (isReal) =>
      ask('POST', 'runs/again', { run: this.run, step: step.id, real: isReal }).then(
        (answer) => this.sentAgain(/** @type {{ run: string }} */ (answer).run),
        (problem) => {
          said.textContent = `${problem.message} ${problem.advice ?? ''}`;
        },
      );
    plan.addEventListener('click', () => send(false));
    real.addEventListener('click', () => confirmRealRun(runNodeName(step.node), () => send(true)));
    return make(
      'div',
      { class: 'virtflow-run-again' },
      make('p', { class: 'virtflow-run-hint' }, words('journal.againHint')),
      make('div', { class: 'virtflow-run-buttons' }, plan, real),
      said,
    );
  }

  /**
   * @param {string} iconName
   * @param {string} key
   * @param {() => void} act
   */
  #button(iconName, key, act) {
    const label = words(`journal.${key}`);
    const button = make(
      'button',
      { type: 'button', class: 'red-ui-button red-ui-button-small', title: label, 'aria-label': label },
      icon(iconName),
    );
    button.addEventListener('click', act);
    return button;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.target instanceof HTMLPreElement) return;
    const steps = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: this.steps.length - 1 };
    const at = Object.entries(steps).find(([key]) => key === event.key)?.[1];
    if (at === undefined) return;
    event.preventDefault();
    this.show(at);
  }
}

/**
 * @param {boolean} recording
 * @param {number} runs
 * @param {number} waiting
 */
function runsNotice(recording, runs, waiting) {
  const parts = [
    ...(recording ? [] : [words('journal.off')]),
    ...(runs === 0 && recording ? [words('journal.none')] : []),
    ...(waiting > 0 ? [words('journal.waiting', { count: waiting })] : []),
  ];
  return parts.join(' ');
}

/** @param {string} id */
function runNodeName(id) {
  const node = RED.nodes.node(id);
  if (!node) return words('journal.gone', { id });
  return String(node.name || RED.utils.getNodeLabel(node, id));
}

/** @param {string} id */
function revealNode(id) {
  if (RED.nodes.node(id)) RED.view.reveal(id, true);
}

/** @param {Element} entry */
function runEntryButton(entry) {
  return entry.querySelector('button');
}

/**
 * Asks before something is done for real.
 * @param {string} node
 * @param {() => void} act
 */
function confirmRealRun(node, act) {
  const notice = RED.notify(make('p', {}, words('journal.confirm', { node })), {
    type: 'warning',
    modal: true,
    fixed: true,
    buttons: [
      { text: words('journal.cancel'), click: () => notice.close() },
      {
        text: words('journal.doIt'),
        class: 'primary',
        click: () => {
          notice.close();
          act();
        },
      },
    ],
  });
}
