import { debounced } from '../api.js';
import { icon, make } from '../dom.js';
import { words } from '../words.js';
import { detailSections } from './detail-sections.js';
import { operationPath, problemFrom, rest } from './rest.js';
import { sections } from './sections.js';
import { cancelOperation, followUp, planAgain, sequelButtons, stageView } from './sequels.js';
import { sentenceOf, stateName, titleOf } from './spoken.js';
import { isGroup, isWaiting, stateIcons } from './states.js';

const settleMs = 120;

/**
 * All about one operation, kept up to date while it is open.
 * @param {{
 *   closed: () => void,
 *   show: (id: string) => void,
 *   filter: (part: Partial<OperationFilter>) => void,
 * }} options
 */
export function detailsPane({ closed, show, filter }) {
  const title = make('h3', { tabindex: -1, class: 'virtflow-details-title' });
  const backLabel = words('operations.close');
  const close = make(
    'button',
    { type: 'button', class: 'virtflow-button virtflow-close', 'aria-label': backLabel, title: backLabel },
    icon('fa-times'),
  );
  const body = make('div', { class: 'virtflow-details-body' });
  const element = make(
    'section',
    { class: 'virtflow-details', 'aria-label': words('operations.details'), hidden: true },
    make('div', { class: 'virtflow-details-head' }, title, close),
    body,
  );
  const parts = sections(body, () => title.focus());
  /** @type {OperationDetail | undefined} */
  let operation;
  /** @type {OperationSummary[]} */
  let takenBack = [];
  /** @type {import('./sequels.js').Stage} */
  let stage = { kind: 'none' };
  let opened = '';

  const read = debounced(
    settleMs,
    readDetail,
    (found) => take(found),
    (thrown) => failed(thrown),
  );

  /** @param {string} id */
  async function readDetail(id) {
    const [detail, undone] = await Promise.all([
      rest('GET', operationPath(id)),
      rest('GET', `/operations?undoes=${encodeURIComponent(id)}&mode=run`),
    ]);
    return { detail: /** @type {OperationDetail} */ (detail), undone: /** @type {OperationPage} */ (undone).items };
  }

  /** @param {{ detail: OperationDetail, undone: OperationSummary[] }} found */
  function take({ detail, undone }) {
    if (detail.id !== opened) return;
    operation = detail;
    takenBack = undone;
    draw();
  }

  /** @param {unknown} thrown */
  function failed(thrown) {
    const { message, advice } = problemFrom(thrown);
    if (operation) return;
    parts.clear();
    title.textContent = words('operations.details');
    body.append(make('p', { class: 'virtflow-wrong', role: 'alert' }, `${message} ${advice}`));
  }

  function draw() {
    if (!operation) return;
    const shown = operation;
    title.textContent = titleOf(shown);
    drawHead(shown);
    parts.show('stage', [stage, shown.id], () => stageView(stage, shown, { cancelNow, undoNow, back, show }));
    detailSections(parts, shown, takenBack, { show, filter });
  }

  /** @param {OperationDetail} shown */
  function drawHead(shown) {
    const { state, progress, takingBack, cancellable } = shown;
    const runs = state === 'running';
    parts.show('sentence', [state, sentenceOf(shown)], () => [
      make(
        'p',
        { class: `virtflow-sentence virtflow-is-${state}` },
        icon(`fa-fw ${stateIcons[state]} virtflow-state`),
        make('span', { class: 'virtflow-sr' }, `${stateName(shown)}: `),
        sentenceOf(shown),
      ),
    ]);
    parts.show('progress', [runs, progress], () =>
      runs || isWaiting(shown)
        ? [make('progress', { max: 1, value: progress, 'aria-label': words('operations.progress') })]
        : [],
    );
    parts.show('buttons', [shown.id, state, takingBack, cancellable], () => {
      const buttons = sequelButtons(shown, { cancel, planUndo, retry, planAgain: again });
      return buttons.length > 0 ? [make('div', { class: 'virtflow-buttons' }, ...buttons)] : [];
    });
  }

  /** @param {import('./sequels.js').Stage} next */
  function setStage(next) {
    stage = next;
    draw();
    const first = body.querySelector('.virtflow-section-stage [data-focus]');
    if (first instanceof HTMLElement) first.focus();
  }

  /** @param {() => Promise<import('./sequels.js').Stage>} work */
  async function go(work) {
    const of = opened;
    setStage({ kind: 'busy' });
    const next = await work().catch(
      (thrown) => /** @type {import('./sequels.js').Stage} */ ({ kind: 'failed', problem: problemFrom(thrown) }),
    );
    if (of !== opened) return;
    setStage(next);
    read.ask(of);
  }

  function cancel() {
    if (operation && isGroup(operation)) setStage({ kind: 'confirmCancel' });
    else cancelNow();
  }

  function cancelNow() {
    const shown = operation;
    if (!shown) return;
    void go(async () => {
      await cancelOperation(shown);
      return { kind: 'none' };
    });
  }

  function planUndo() {
    const id = opened;
    void go(async () => ({ kind: 'plan', plan: await followUp(id, 'undo', true), again: 'undo' }));
  }

  function undoNow() {
    const id = opened;
    void go(async () => {
      show((await followUp(id, 'undo', false)).id);
      return { kind: 'none' };
    });
  }

  function retry() {
    const id = opened;
    void go(async () => {
      show((await followUp(id, 'retry', false)).id);
      return { kind: 'none' };
    });
  }

  function again() {
    const shown = operation;
    if (!shown) return;
    void go(async () => {
      const plan = await planAgain(shown);
      return plan ? { kind: 'plan', plan, again: 'none' } : { kind: 'none' };
    });
  }

  function back() {
    const from =
      stage.kind === 'confirmCancel'
        ? 'cancel'
        : stage.kind === 'plan' && stage.again === 'undo'
          ? 'undo'
          : 'planAgain';
    stage = { kind: 'none' };
    draw();
    const button = body.querySelector(`[data-focus="${from}"]`);
    if (button instanceof HTMLElement) button.focus();
    else title.focus();
  }

  close.addEventListener('click', closed);
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (stage.kind === 'none' || stage.kind === 'busy') closed();
    else back();
  });

  return {
    element,
    get id() {
      return opened;
    },
    /** @param {string} id @param {{ confirmCancel?: boolean, focus?: boolean }} [about] */
    open(id, { confirmCancel = false, focus = true } = {}) {
      if (id !== opened) {
        opened = id;
        operation = undefined;
        takenBack = [];
        stage = { kind: 'none' };
        parts.clear();
        body.append(make('p', { class: 'virtflow-muted', role: 'status' }, words('operations.note.loading')));
        title.textContent = words('operations.details');
        body.scrollTop = 0;
      }
      element.hidden = false;
      if (focus) title.focus();
      readDetail(id).then(
        (found) => {
          if (!operation && found.detail.id === opened) parts.clear();
          take(found);
          if (confirmCancel && found.detail.id === opened) cancel();
        },
        (thrown) => id === opened && failed(thrown),
      );
    },
    close() {
      opened = '';
      operation = undefined;
      read.stop();
      element.hidden = true;
    },
    /** @param {OperationSummary} told */
    hear(told) {
      if (opened === '') return;
      if (told.id !== opened) {
        if (told.undoes === opened || (told.parent === opened && told.endedAt !== null)) read.ask(opened);
        return;
      }
      if (operation && told.state === 'running' && operation.state === 'running') {
        operation = { ...operation, progress: told.progress, step: told.step };
        drawHead(operation);
        return;
      }
      read.ask(opened);
    },
    /** What the canvas shows has changed. */
    refresh: draw,
  };
}
