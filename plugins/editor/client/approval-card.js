import { approvalFields, commentField } from './approval-form.js';
import { icon, make, newId } from './dom.js';
import { words } from './words.js';

/**
 * One approval, folded; opened, all that is needed to decide.
 * @param {Approval} approval
 * @param {boolean} isOpen
 * @param {(decision: 'grant' | 'deny', form: Record<string, string | boolean>, comment: string) => Promise<void>} answer
 */
export function approvalCard(approval, isOpen, answer) {
  const { state, mayAnswer } = approval;
  const body = make('div', { class: 'virtflow-approval-body' }, ...approvalFacts(approval));
  if (mayAnswer) body.append(answerForm(approval, answer));
  const summary = make(
    'summary',
    {},
    make('span', { class: 'virtflow-approval-title' }, titleOf(approval)),
    make('span', { class: `virtflow-approval-state virtflow-approval-${state}` }, stateOf(approval)),
    make('span', { class: 'virtflow-approval-about' }, aboutOf(approval)),
  );
  return make('details', { class: 'virtflow-approval', open: isOpen, 'data-id': approval.id }, summary, body);
}

/** @param {Approval} approval */
export function titleOf({ subject }) {
  return subject.type === 'operation' ? `${subject.action} · ${subject.targetName}` : (subject.nodeName ?? '');
}

/** @param {Approval} approval */
function stateOf({ state, granted, quorum }) {
  const text = words(`approvals.state.${state}`);
  return state === 'pending' && quorum > 1 ? `${text} ${granted.length}/${quorum}` : text;
}

/** @param {Approval} approval */
function aboutOf({ asker, state, expiresAt, endedAt }) {
  const at = state === 'pending' ? expiresAt : (endedAt ?? expiresAt);
  const time = new Intl.DateTimeFormat(RED.i18n.lang(), { dateStyle: 'short', timeStyle: 'short' }).format(at);
  const key = state === 'pending' ? 'approvals.until' : 'approvals.ended';
  return words(key, { asker: asker.principal, through: asker.through, time });
}

/** @param {Approval} approval */
function approvalFacts({ reason, text, plan, blast, lends, answers, policy }) {
  return [
    ...(reason ? [note(words('approvals.anew', { reason }))] : []),
    ...(lends ? [note(words('approvals.lends', { permission: lends }))] : []),
    ...(text ? [make('p', {}, text)] : []),
    ...(plan ? [heading('plan'), make('pre', {}, plan.text)] : []),
    ...(blast ? [heading('blast'), listOf(blast.lines)] : []),
    ...(answers.length > 0 ? [heading('answers'), listOf(answers.map(answerText))] : []),
    make('p', { class: 'virtflow-hint' }, words('approvals.policy', { policy })),
  ];
}

/** @param {ApprovalAnswer} answer */
function answerText({ by, decision, round, comment, form }) {
  const said = words(`approvals.${decision === 'grant' ? 'granted' : 'denied'}`, { by, round });
  const filled = Object.entries(form).map(([name, value]) => `${name}: ${value}`);
  return [said, ...filled, comment].filter(Boolean).join(' · ');
}

/**
 * @param {Approval} approval
 * @param {(decision: 'grant' | 'deny', form: Record<string, string | boolean>, comment: string) => Promise<void>} answer
 */
function answerForm({ form }, answer) {
  const { elements, values } = approvalFields(form);
  const { row, input } = commentField(newId());
  const problem = make('p', { class: 'virtflow-approval-problem', role: 'alert' });
  const grant = make(
    'button',
    { class: 'red-ui-button virtflow-approval-grant' },
    icon('fa-check'),
    ' ',
    words('approvals.approve'),
  );
  const deny = make(
    'button',
    { type: 'button', class: 'red-ui-button virtflow-approval-deny' },
    icon('fa-times'),
    ' ',
    words('approvals.deny'),
  );
  const element = make(
    'form',
    {},
    ...elements,
    row,
    problem,
    make('div', { class: 'virtflow-approval-buttons' }, grant, deny),
  );
  /** @param {'grant' | 'deny'} decision */
  const send = async (decision) => {
    for (const button of [grant, deny]) button.disabled = true;
    problem.textContent = '';
    try {
      await answer(decision, values(), input.value);
    } catch (error) {
      problem.textContent = problemText(error);
    } finally {
      for (const button of [grant, deny]) button.disabled = false;
    }
  };
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    void send('grant');
  });
  deny.addEventListener('click', () => send('deny'));
  return element;
}

/** @param {unknown} error */
export function problemText(error) {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  const advice = 'advice' in error && typeof error.advice === 'string' ? error.advice : '';
  return `${error.message} ${advice}`.trim();
}

/** @param {string} key */
function heading(key) {
  return make('h5', {}, words(`approvals.${key}`));
}

/** @param {string} text */
function note(text) {
  return make('p', { class: 'virtflow-approval-note' }, text);
}

/** @param {readonly string[]} lines */
function listOf(lines) {
  return make('ul', {}, ...lines.map((line) => make('li', {}, line)));
}
