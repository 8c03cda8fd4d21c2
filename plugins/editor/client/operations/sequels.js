import { make } from '../dom.js';
import { words } from '../words.js';
import { operationPath, rest } from './rest.js';
import { keptButton } from './sections.js';
import { actionName } from './spoken.js';
import { hasEnded, isCancellable, isGroup } from './states.js';

/**
 * What can be done about an operation: buttons, and what they led to. Whatever cannot be taken back is asked twice.
 * @typedef {{ kind: 'none' } | { kind: 'busy' } | { kind: 'confirmCancel' } | { kind: 'plan', plan: OperationDetail, again: 'undo' | 'none' } | { kind: 'failed', problem: Problem }} Stage
 */

/**
 * @param {OperationDetail} operation
 * @param {{ cancel(): void, planUndo(): void, retry(): void, planAgain(): void }} run
 */
export function sequelButtons(operation, run) {
  const { state, takingBack, mode, result, target, action } = operation;
  const buttons = [];
  if (isCancellable(operation))
    buttons.push(keptButton('cancel', words('operations.cancel'), run.cancel, { class: 'virtflow-danger' }));
  if (!hasEnded(operation)) return buttons;
  if (mode !== 'plan' && state !== 'refused') {
    const because = takingBack.because ?? '';
    buttons.push(
      keptButton('undo', words('operations.undo.plan'), run.planUndo, {
        disabled: !takingBack.possible,
        title: because,
      }),
    );
  }
  if (canRetry(operation, result)) buttons.push(keptButton('retry', words('operations.retry'), run.retry));
  const isAgain = target.kind !== 'group' && !action.startsWith('external.') && !isHidden(operation);
  if (isAgain) buttons.push(keptButton('planAgain', words('operations.planAgain'), run.planAgain));
  return buttons;
}

/** @param {OperationDetail} operation @param {OperationDetail['result']} result */
function canRetry(operation, result) {
  const { state, mode } = operation;
  return (
    isGroup(operation) &&
    mode !== 'plan' &&
    state !== 'succeeded' &&
    state !== 'refused' &&
    result?.rollBack === undefined
  );
}

/** What is not shown cannot be asked for again. @param {OperationDetail} operation */
export function isHidden({ parameters }) {
  return Object.values(parameters).some(isNotShown);
}

/** As the record of an operation writes what it must not hold. @param {unknown} value */
export function isNotShown(value) {
  return typeof value === 'string' && /^(\d+ characters, )?not shown$/.test(value);
}

/**
 * @param {Stage} stage
 * @param {OperationDetail} operation
 * @param {{ cancelNow(): void, undoNow(): void, back(): void, show(id: string): void }} run
 * @returns {(Node | string)[]}
 */
export function stageView(stage, operation, run) {
  const back = keptButton('back', words('operations.back'), run.back);
  switch (stage.kind) {
    case 'none':
      return [];
    case 'busy':
      return [make('p', { role: 'status' }, words('operations.busy'))];
    case 'confirmCancel': {
      const question = words('operations.confirm.cancel', {
        title: operation.targetName,
        count: operation.members ?? 0,
      });
      const yes = keptButton('yes', words('operations.confirm.cancelYes'), run.cancelNow, { class: 'virtflow-danger' });
      return [make('p', {}, question), make('div', { class: 'virtflow-buttons' }, yes, back)];
    }
    case 'plan': {
      const { plan, again } = stage;
      const text = String(plan.result?.text ?? plan.error?.message ?? '');
      const yes = again === 'undo' && !plan.error;
      const now = keptButton('yes', words('operations.undo.now'), run.undoNow, { class: 'virtflow-primary' });
      const title = words(again === 'undo' ? 'operations.undo.wouldDo' : 'operations.wouldDo', {
        action: actionName(plan.action),
      });
      return [
        make('h4', {}, title),
        make('pre', { class: 'virtflow-plan', tabindex: 0, 'aria-label': title }, text),
        make('div', { class: 'virtflow-buttons' }, ...(yes ? [now] : []), back),
      ];
    }
    case 'failed': {
      const { code, message, advice } = stage.problem;
      const text = make(
        'p',
        { class: 'virtflow-wrong', role: 'alert' },
        `${message} ${advice}`,
        ' ',
        make('code', {}, code),
      );
      return [text, make('div', { class: 'virtflow-buttons' }, back)];
    }
  }
}

/** @param {OperationSummary} operation */
export function cancelOperation({ id }) {
  return rest('POST', `${operationPath(id)}/cancel`);
}

/** @param {string} id @param {'undo' | 'retry'} what @param {boolean} plan */
export async function followUp(id, what, plan) {
  return /** @type {OperationDetail} */ (await rest('POST', `${operationPath(id)}/${what}`, { plan }));
}

/** What would be done, were it asked for again now. @param {OperationDetail} operation */
export async function planAgain({ action, target, parameters }) {
  const where = target.kind === 'connection' ? target.connection : target;
  const body = { target: where, parameters, plan: true };
  const answer = await rest('POST', `/actions/${encodeURIComponent(action)}`, body);
  const [plan] = /** @type {{ operations: OperationDetail[] }} */ (answer).operations;
  return plan;
}
