import { openBacktest } from './backtest.js';
import { openChoices } from './choices.js';
import { openCodeEditor } from './code-editor.js';
import { followConditions } from './conditions.js';
import { offerDrivers } from './drivers.js';
import { openMembers } from './members.js';
import { openNextRuns } from './next-runs.js';
import { openSteps } from './steps.js';
import { offerSuggestions } from './suggestions.js';
import { openTargetPicker } from './target-picker.js';
import { formValues, openTestButton } from './test-button.js';
import { words } from './words.js';

/** @type {Map<string, Part[]>} */
const open = new Map();

/**
 * Brings an opened form to life. Node-RED has put the plain values into their inputs already.
 * @param {NodeDescription} description
 * @param {EditorNode} node
 */
export function openForm(description, node) {
  const { prefix, fields } = description;
  const form = document.getElementById(`${prefix}-name`)?.closest('form');
  if (!form) return;
  form.classList.add('virtflow-form');
  for (const field of fields) fillMissing(form, prefix, field, node);
  offerSuggestions(form);
  const parts = fields.map((field) => openField(form, prefix, field, node));
  offerDrivers(form, prefix, node);
  openTestButton(form, prefix, description, node);
  const values = () => Object.assign(formValues(form, prefix, description), ...parts.map((part) => part.values?.()));
  const widgets = [openNextRuns(form, prefix, description, node), openBacktest(form, description, node, values)];
  open.set(node.id, [...parts, ...widgets]);
  followConditions(form, prefix);
}

/** @param {EditorNode} node */
export function saveForm(node) {
  for (const part of open.get(node.id) ?? []) part.save?.();
  closeForm(node);
}

/** @param {EditorNode} node */
export function resizeForm(node) {
  for (const part of open.get(node.id) ?? []) part.resize?.();
}

/** @param {EditorNode} node */
export function closeForm(node) {
  for (const part of open.get(node.id) ?? []) part.close?.();
  open.delete(node.id);
}

/**
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {FieldDescription} field
 * @param {EditorNode} node
 * @returns {Part}
 */
function openField(form, prefix, field, node) {
  if (field.kind === 'choices') return openChoices(form, field, node);
  if (field.kind === 'code') return openCodeEditor(form, prefix, field);
  if (field.kind === 'target') return openTargetPicker(form, prefix, field, node);
  if (field.kind === 'steps') return openSteps(form, prefix, field, node);
  if (field.kind === 'members') return openMembers(form, field, node);
  if (field.kind === 'typed') openTypedInput(form, prefix, field);
  if (field.kind === 'node' && field.required === false) nameNone(form, prefix, field);
  return {};
}

/**
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {FieldDescription} field
 */
function openTypedInput(form, prefix, field) {
  const id = `${prefix}-${field.name}`;
  const input = form.querySelector(`#${id}`);
  if (!input) return;
  $(input).typedInput({ types: field.types ?? [], typeField: `#${id}Type` });
  nameTypedInput(form, input);
}

/**
 * Node-RED hides the input that has the label, and names neither what it puts beside it nor the button in there.
 * @param {HTMLElement} form
 * @param {Element} input
 */
function nameTypedInput(form, input) {
  const label = form.querySelector(`label[for="${input.id}"]`);
  const beside = input.nextElementSibling;
  const shown = beside?.querySelector('.red-ui-typedInput-input');
  if (!(label instanceof HTMLLabelElement) || !shown) return;
  shown.id = `${input.id}-typed`;
  label.htmlFor = shown.id;
  beside
    ?.querySelector('.red-ui-typedInput-option-expand')
    ?.setAttribute('aria-label', words('expand', { name: label.textContent?.trim() }));
}

/**
 * Node-RED says "none" where no configuration node is chosen; for us it means any.
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {FieldDescription} field
 */
function nameNone(form, prefix, field) {
  const none = form.querySelector(`#${prefix}-${field.name} option[value="_ADD_"]`);
  if (none) none.textContent = words('any');
}

/**
 * A node of an older release lacks newer properties, and Node-RED leaves their inputs empty.
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {FieldDescription} field
 * @param {EditorNode} node
 */
function fillMissing(form, prefix, field, node) {
  if (node[field.name] !== undefined || field.default === null) return;
  const input = form.querySelector(`#${prefix}-${field.name}`);
  if (input instanceof HTMLInputElement && input.type === 'checkbox') input.checked = field.default === true;
  else if (input instanceof HTMLInputElement || input instanceof HTMLSelectElement) input.value = String(field.default);
}
