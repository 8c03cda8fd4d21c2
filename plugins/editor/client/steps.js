import { make, newId } from './dom.js';
import { targetPicker } from './target-picker.js';
import { checkTarget, readTarget } from './validation.js';
import { words } from './words.js';

/**
 * @typedef {{ action: string, target: TargetSetting, parameters: string, parametersType: string, weight: string, timeoutSeconds: string }} Step
 */

/**
 * A list of actions that can be added, taken away and moved; each with its target and parameters.
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {FieldDescription} field
 * @param {EditorNode} node
 * @returns {Part}
 */
export function openSteps(form, prefix, field, node) {
  const place = form.querySelector(`[data-virtflow-steps="${field.name}"]`);
  if (!place) return {};
  /** @type {Map<object, () => void>} */
  const open = new Map();
  const list = make('ol');
  place.append(list);
  const labelId = `${prefix}-${field.name}-label`;
  const editable = $(list).editableList({
    height: 'auto',
    sortable: true,
    removable: true,
    addButton: words('steps.add'),
    addItem([container], _index, given) {
      if (container) open.set(given, drawStep(container, Object.assign(given, readStep(given)), field, node, labelId));
    },
    removeItem(given) {
      open.get(given)?.();
      open.delete(given);
    },
  });
  const steps = Array.isArray(node[field.name]) ? node[field.name] : [];
  for (const step of /** @type {unknown[]} */ (steps)) editable.editableList('addItem', readStep(step));
  return {
    save() {
      node[field.name] = editable
        .editableList('items')
        .toArray()
        .map((item) => readStep($(item).data('data')));
    },
    close() {
      for (const close of open.values()) close();
      open.clear();
    },
  };
}

/**
 * @param {HTMLElement} container
 * @param {Step} step
 * @param {FieldDescription} field
 * @param {EditorNode} node
 * @param {string} labelId
 */
function drawStep(container, step, field, node, labelId) {
  container.classList.add('virtflow-step');
  const target = make('div', { class: 'virtflow-target' });
  const parameters = make('input', { type: 'text', value: step.parameters, 'aria-label': words('steps.parameters') });
  container.append(
    make('div', { class: 'virtflow-step-head' }, actionSelect(step, field, node)),
    target,
    make('div', { class: 'virtflow-step-parameters' }, make('span', {}, words('steps.parameters')), parameters),
    make(
      'div',
      { class: 'virtflow-step-numbers' },
      stepNumber('weight', '1', step, ''),
      stepNumber('timeoutSeconds', '', step, 's'),
    ),
  );
  const typed = $(parameters).typedInput({ types: ['json', 'jsonata', 'msg'], default: step.parametersType });
  typed.typedInput('type', step.parametersType);
  typed.on('change', () => {
    step.parameters = String(typed.typedInput('value'));
    step.parametersType = String(typed.typedInput('type'));
  });
  return targetPicker(target, step.target, field.modes ?? ['list'], labelId).close;
}

/**
 * @param {Step} step
 * @param {FieldDescription} field
 * @param {EditorNode} node
 */
function actionSelect(step, field, node) {
  const options = (field.options ?? []).map((id) => {
    const text = node._?.(`virtflow-action.fields.action.options.${id.replaceAll('.', '-')}`) ?? id;
    return make('option', { value: id, selected: id === step.action }, text);
  });
  const none = make('option', { value: '', selected: step.action === '' }, words('steps.choose'));
  const select = make('select', { 'aria-label': words('steps.action') }, none, ...options);
  select.addEventListener('change', () => {
    step.action = select.value;
  });
  return select;
}

/**
 * @param {'weight' | 'timeoutSeconds'} name
 * @param {string} placeholder
 * @param {Step} step
 * @param {string} unit
 */
function stepNumber(name, placeholder, step, unit) {
  const id = newId();
  const input = make('input', { type: 'number', id, min: name === 'weight' ? 0 : 1, step: 'any', placeholder });
  input.value = step[name];
  input.addEventListener('input', () => {
    step[name] = input.value;
  });
  const label = make('label', { for: id, title: words(`steps.${name}Hint`) }, words(`steps.${name}`));
  return make('span', { class: 'virtflow-inline' }, label, input, make('span', { class: 'virtflow-unit' }, unit));
}

/**
 * @param {unknown} value
 * @returns {Step}
 */
function readStep(value) {
  /** @type {Record<string, unknown>} */
  const raw = typeof value === 'object' && value !== null ? { ...value } : {};
  const text = (/** @type {unknown} */ found, fallback = '') =>
    typeof found === 'string' || typeof found === 'number' ? String(found) : fallback;
  return {
    action: text(raw.action),
    target: readTarget(raw.target),
    parameters: text(raw.parameters, '{}'),
    parametersType: text(raw.parametersType, 'json'),
    weight: text(raw.weight),
    timeoutSeconds: text(raw.timeoutSeconds),
  };
}

/**
 * What is wrong with the steps of a node; true when nothing is. None at all is right: msg.steps brings them.
 * Node-RED takes a text for a reason only from a validator with two parameters.
 * @param {unknown} value
 * @param {unknown} _options
 */
export function checkSteps(value, _options) {
  if (!Array.isArray(value)) return true;
  for (const [index, step] of value.map(readStep).entries()) {
    const target = checkTarget(step.target);
    const wrong = step.action === '' ? words('steps.choose') : target === true ? undefined : target;
    if (wrong !== undefined) return words('steps.wrong', { number: index + 1, wrong });
  }
  return true;
}
