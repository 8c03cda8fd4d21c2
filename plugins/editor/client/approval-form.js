import { inputValue, make, newId } from './dom.js';
import { words } from './words.js';

/**
 * The fields of an approval's form, empty.
 * @param {ApprovalForm | null} form
 * @returns {{ elements: HTMLElement[], values: () => Record<string, string | boolean> }}
 */
export function approvalFields(form) {
  const fields = Object.entries(form?.properties ?? {}).map(([name, field]) => {
    const id = newId();
    const isRequired = (form?.required ?? []).includes(name);
    return { name, id, field, input: approvalInput(field, id, isRequired) };
  });
  const elements = fields.map(({ id, field, input }) => approvalRow(field, id, input));
  const values = () => Object.fromEntries(fields.map(({ name, input }) => [name, inputValue(input)]));
  return { elements, values };
}

/**
 * @param {ApprovalField} field
 * @param {string} id
 * @param {boolean} isRequired
 */
function approvalInput(field, id, isRequired) {
  if (field.type === 'boolean') return make('input', { id, type: 'checkbox', required: field.const === true });
  if (field.enum) {
    const options = ['', ...field.enum].map((value) => make('option', { value }, value));
    return make('select', { id, required: isRequired }, ...options);
  }
  const { minLength: minlength, maxLength: maxlength = 2000 } = field;
  return make('input', { id, type: 'text', required: isRequired, minlength, maxlength, autocomplete: 'off' });
}

/**
 * @param {ApprovalField} field
 * @param {string} id
 * @param {HTMLElement} input
 */
function approvalRow(field, id, input) {
  const hint = field.description ? [make('small', {}, field.description)] : [];
  if (field.type === 'boolean') {
    return make('label', { class: 'virtflow-approval-tick', for: id }, input, make('span', {}, field.title, ...hint));
  }
  return make('label', { for: id }, make('span', {}, field.title, ...hint), input);
}

/** @param {string} id */
export function commentField(id) {
  const input = make('textarea', { id, rows: 2, maxlength: 1000 });
  return { row: make('label', { for: id }, make('span', {}, words('approvals.comment')), input), input };
}
