import { make, newId } from './dom.js';
import { governorFields } from './governor-rules.js';
import { words } from './words.js';

/**
 * The form of one rule; `read` answers what stands in it.
 * @param {GovernorRule} rule
 */
export function governorForm(rule) {
  const fields = governorFields[rule.type] ?? [];
  const inputs = fields.map((field) => governorInput(field, rule));
  const element = make('div', { class: 'virtflow-governor-form' }, ...inputs.map(({ row }) => row));
  return {
    element,
    /** @returns {GovernorRule} */
    read() {
      const { id, type, enabled } = rule;
      /** @type {GovernorRule} */
      const made = { id, type, ...(enabled === undefined ? {} : { enabled }) };
      for (const { read } of inputs) Object.assign(made, read());
      return made;
    },
  };
}

/**
 * @param {GovernorField} field
 * @param {GovernorRule} rule
 * @returns {{ row: HTMLElement, read: () => Record<string, unknown> }}
 */
function governorInput(field, rule) {
  const { name, kind } = field;
  if (kind === 'amount') return governorAmount(rule);
  if (kind === 'choice') return governorChoice(field, String(rule[name] ?? field.options?.[0]));
  if (kind === 'check') return governorCheck(name, rule[name] !== false);
  const value = rule[name];
  const input = make('input', {
    id: newId(),
    type: kind === 'count' ? 'number' : 'text',
    min: kind === 'count' ? 1 : undefined,
    class: kind === 'count' || kind === 'span' ? 'virtflow-short' : undefined,
    value: Array.isArray(value) ? value.join(', ') : String(value ?? ''),
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const hint = kind === 'span' ? 'span' : name;
  return { row: governorRow(name, input, hint), read: () => governorValue(field, input.value.trim()) };
}

/**
 * Leaves out what is empty, so that the file holds what somebody wanted and no more.
 * @param {GovernorField} field
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
function governorValue({ name, kind }, text) {
  if (kind === 'list') return { [name]: text.split(/[\s,]+/).filter((part) => part !== '') };
  if (kind === 'count') return { [name]: Number(text) };
  return text === '' ? {} : { [name]: text };
}

/** @param {GovernorRule} rule */
function governorAmount(rule) {
  const isPercent = rule.percent !== undefined;
  const value = String(rule.percent ?? rule.limit ?? '');
  const input = make('input', { id: newId(), type: 'number', min: 0, class: 'virtflow-short', value });
  const unit = governorSelect(['limit', 'percent'], isPercent ? 'percent' : 'limit', 'unit');
  unit.setAttribute('aria-label', words('governor.field.amount'));
  return { row: governorRow('amount', input, undefined, unit), read: () => ({ [unit.value]: Number(input.value) }) };
}

/**
 * @param {GovernorField} field
 * @param {string} chosen
 */
function governorChoice({ name, options = [] }, chosen) {
  const select = governorSelect(options, chosen, name);
  const read = () => (select.value === options[0] ? {} : { [name]: select.value });
  return { row: governorRow(name, select, undefined), read };
}

/**
 * @param {string} name
 * @param {boolean} checked
 */
function governorCheck(name, checked) {
  const input = make('input', { type: 'checkbox', checked });
  const label = make('label', { class: 'virtflow-switch' }, input, words(`governor.field.${name}`));
  const row = make('div', { class: 'virtflow-row' }, make('span'), make('div', { class: 'virtflow-controls' }, label));
  return { row, read: () => (input.checked ? {} : { [name]: false }) };
}

/**
 * @param {readonly string[]} options
 * @param {string} chosen
 * @param {string} catalogue
 */
export function governorSelect(options, chosen, catalogue) {
  const entries = options.map((value) =>
    make('option', { value, selected: value === chosen }, words(`governor.${catalogue}.${value}`)),
  );
  return make('select', { id: newId() }, ...entries);
}

/**
 * @param {string} name
 * @param {HTMLElement} input
 * @param {string | undefined} hint
 * @param {...HTMLElement} beside
 */
function governorRow(name, input, hint, ...beside) {
  const note = newId();
  const hasHint = hint !== undefined && ['id', 'actions', 'connection', 'selector', 'span'].includes(hint);
  if (hasHint) input.setAttribute('aria-describedby', note);
  input.setAttribute('data-virtflow-governor', name);
  const label = make('label', { for: input.id }, words(`governor.field.${name}`));
  const text = hasHint ? [make('div', { id: note, class: 'virtflow-note' }, words(`governor.hint.${hint}`))] : [];
  const controls = make('div', { class: 'virtflow-controls' }, input, ...beside);
  return make('div', { class: 'virtflow-row' }, label, make('div', {}, controls, ...text));
}
