import type { ChoiceField, ChoicesField, CodeField, Field, NumberField, TextField } from '../../nodes/forms/field.ts';
import { optionKey, wordsKey } from '../../nodes/forms/words.ts';
import { element } from './html.ts';

/** Where a form stands: ids and keys begin with these. */
export interface FormPlace {
  readonly type: string;
  /** `node-input` or `node-config-input` */
  readonly prefix: string;
}

/** A row of the form: one field, or several side by side; the first gives the row its label and its condition. */
export function formRow(place: FormPlace, fields: readonly Field[]): string {
  const [first, ...others] = fields;
  if (!first) return '';
  const parts = [control(place, first, false), ...others.map((field) => inlineControl(place, field))];
  return element(
    'div',
    {
      class: 'form-row virtflow-row',
      'data-virtflow-row': first.name,
      ...shownIf(first),
    },
    first.kind === 'switch' ? '<span></span>' : rowLabel(place, first),
    element('div', { class: 'virtflow-controls' }, ...parts),
  );
}

function rowLabel(place: FormPlace, field: Field): string {
  const key = wordsKey(place.type, field);
  const label = { 'data-i18n': `[title]${key}.description`, ...labelTarget(place, field) };
  return element(
    'label',
    label,
    element('i', { class: `fa ${iconOf(field)} fa-fw`, 'aria-hidden': 'true' }),
    words(`${key}.label`),
  );
}

const icons: Readonly<Partial<Record<Field['kind'] | 's', string>>> = {
  choice: 'fa-sliders',
  code: 'fa-code',
  number: 'fa-hashtag',
  s: 'fa-clock-o',
  text: 'fa-pencil',
  widget: 'fa-eye',
};

function iconOf(field: Field): string {
  const kind = field.kind === 'number' && field.unit === 's' ? 's' : field.kind;
  return field.icon ?? icons[kind] ?? 'fa-circle-o';
}

/** A group of controls is named by its label through `aria-labelledby`. */
function labelTarget(place: FormPlace, field: Field) {
  const id = idOf(place, field);
  const isGroup = ['choices', 'target', 'steps', 'members', 'widget', 'code'].includes(field.kind);
  return isGroup ? { id: `${id}-label` } : { for: id };
}

function inlineControl(place: FormPlace, field: Field): string {
  const row = { 'data-virtflow-row': field.name, ...shownIf(field) };
  const input = control(place, field, true);
  if (field.kind === 'switch') return element('span', row, input);
  const key = wordsKey(place.type, field);
  const label = { for: idOf(place, field), 'data-i18n': `[title]${key}.description` };
  return element('span', { class: 'virtflow-inline', ...row }, element('label', label, words(`${key}.label`)), input);
}

function shownIf({ showIf }: Field) {
  return { 'data-virtflow-show-if': showIf && JSON.stringify(showIf) };
}

function control(place: FormPlace, field: Field, inline: boolean): string {
  switch (field.kind) {
    case 'text':
      return textInput(place, field, inline);
    case 'number':
      return numberInput(place, field);
    case 'switch':
      return switchInput(place, field);
    case 'choice':
      return select(place, field);
    case 'choices':
      return checkboxes(place, field);
    case 'code':
      return editor(place, field);
    case 'typed':
      return typedInput(place, field.name);
    case 'node':
      return element('input', { type: 'text', id: idOf(place, field) });
    case 'target':
      return group(place, field, { class: 'virtflow-target', 'data-virtflow-target': field.name });
    case 'steps':
      return group(place, field, { class: 'virtflow-steps', 'data-virtflow-steps': field.name });
    case 'members':
      return group(place, field, { class: 'virtflow-members', 'data-virtflow-members': field.name });
    case 'widget':
      return group(place, field, { class: 'virtflow-widget', 'data-virtflow-widget': field.widget });
  }
}

const inputTypes = {
  driver: 'text',
  text: 'text',
  'date-time': 'datetime-local',
  time: 'time',
  'time-zone': 'text',
  'metric-field': 'text',
  contact: 'text',
};

function textInput(place: FormPlace, field: TextField, inline: boolean): string {
  const input = field.input ?? 'text';
  if (input === 'driver') return element('select', { id: idOf(place, field), 'data-virtflow-input': input });
  return element('input', {
    type: inputTypes[input],
    id: idOf(place, field),
    class: inline || inputTypes[input] !== 'text' ? 'virtflow-short' : undefined,
    'data-virtflow-input': input === 'text' ? undefined : input,
    maxlength: field.maxLength,
    placeholder: field.placeholder,
    spellcheck: 'false',
  });
}

function numberInput(place: FormPlace, field: NumberField): string {
  const input = element('input', {
    type: 'number',
    id: idOf(place, field),
    min: field.minimum,
    max: field.maximum,
    step: field.integer ? 1 : 'any',
    placeholder: field.placeholder,
    'aria-describedby': field.unit === undefined ? undefined : `${idOf(place, field)}-unit`,
  });
  const unit =
    field.unit === undefined
      ? ''
      : element('span', { class: 'virtflow-unit', id: `${idOf(place, field)}-unit` }, field.unit);
  return element('span', { class: 'virtflow-number' }, input, unit);
}

function switchInput(place: FormPlace, field: Field): string {
  const key = wordsKey(place.type, field);
  return element(
    'label',
    { class: 'virtflow-switch', for: idOf(place, field), 'data-i18n': `[title]${key}.description` },
    element('input', { type: 'checkbox', id: idOf(place, field) }),
    words(`${key}.label`),
  );
}

function select(place: FormPlace, field: ChoiceField): string {
  const options = field.options.map(({ value }) =>
    element('option', { value, 'data-i18n': optionWords(place, field, value) }),
  );
  return element('select', { id: idOf(place, field) }, ...options);
}

function checkboxes(place: FormPlace, field: ChoicesField): string {
  const boxes = field.options.map(({ value }) =>
    element(
      'label',
      { class: 'virtflow-switch' },
      element('input', { type: 'checkbox', value, 'data-virtflow-choice': field.name }),
      words(optionWords(place, field, value)),
    ),
  );
  return element(
    'div',
    { ...grouped(place, field), class: `virtflow-choices${boxes.length <= 7 ? ' virtflow-choices-few' : ''}` },
    ...boxes,
  );
}

function editor(place: FormPlace, field: CodeField): string {
  const id = idOf(place, field);
  return [
    element('input', { type: 'hidden', id }),
    element('div', {
      id: `${id}-editor`,
      class: 'node-text-editor virtflow-code',
      'data-virtflow-code': field.name,
      'data-virtflow-language': field.language,
    }),
  ].join('');
}

function typedInput(place: FormPlace, name: string): string {
  const id = `${place.prefix}-${name}`;
  return [
    element('input', { type: 'text', id, 'data-virtflow-typed': name }),
    element('input', { type: 'hidden', id: `${id}Type` }),
  ].join('');
}

function group(place: FormPlace, field: Field, attributes: Readonly<Record<string, string>>): string {
  return element('div', { ...grouped(place, field), ...attributes });
}

function grouped(place: FormPlace, field: Field) {
  return { role: 'group', 'aria-labelledby': `${idOf(place, field)}-label` };
}

function optionWords(place: FormPlace, field: Field, value: string): string {
  return `${wordsKey(place.type, field)}.options.${optionKey(value)}`;
}

function words(key: string): string {
  return element('span', { 'data-i18n': key });
}

function idOf(place: FormPlace, field: Field): string {
  return `${place.prefix}-${field.name}`;
}
