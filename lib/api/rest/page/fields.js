import { element, prose } from './dom.js';

/**
 * @typedef {object} Schema
 * @property {string} [type]
 * @property {string} [description]
 * @property {unknown} [default]
 * @property {unknown[]} [enum]
 * @property {unknown[]} [examples]
 * @property {unknown} [const]
 * @property {Schema[]} [anyOf]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema} [items]
 * @property {number} [minimum]
 * @property {number} [maximum]
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {() => unknown} value what was typed; undefined when nothing was
 * @property {HTMLElement[]} rows
 */

let number = 0;

/**
 * A row for something that can be said.
 * @param {string} name
 * @param {Schema} schema
 * @param {boolean} isNeeded
 * @returns {Field}
 */
export function field(name, schema, isNeeded) {
  const id = `field-${++number}`;
  const { input, value } = control(schema, id);
  const label = element('label', { for: id, class: isNeeded ? 'needed' : '' }, name);
  const row = element('div', { class: 'field' }, input, element('small', {}, ...prose(hint(schema))));
  return { name, value, rows: [label, row] };
}

/**
 * @param {Schema} schema
 * @param {string} id
 * @returns {{ input: HTMLElement, value: () => unknown }}
 */
function control(schema, id) {
  const choices = choicesOf(schema);
  if (choices) {
    const options = ['', ...choices.map(String)].map((choice) => element('option', { value: choice }, choice));
    const select = element('select', { id }, ...options);
    return { input: select, value: () => (select.value === '' ? undefined : select.value) };
  }
  if (schema.type === 'boolean') {
    const box = element('input', { id, type: 'checkbox', checked: schema.default === true });
    return { input: box, value: () => box.checked };
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    const box = element('input', { id, type: 'number', placeholder: text(schema.default) });
    return { input: box, value: () => (box.value === '' ? undefined : box.valueAsNumber) };
  }
  if (schema.type === 'string') {
    const box = element('input', { id, type: 'text', spellcheck: 'false', placeholder: text(schema.default) });
    return { input: box, value: () => (box.value === '' ? undefined : box.value) };
  }
  const area = element('textarea', { id, spellcheck: 'false', rows: '2', placeholder: text(schema.examples?.[0]) });
  return { input: area, value: () => anything(area.value.trim()) };
}

/** @param {string} written JSON, or a text as it is */
function anything(written) {
  if (written === '') return undefined;
  try {
    return JSON.parse(written);
  } catch {
    return written;
  }
}

/** @param {Schema} schema */
function choicesOf(schema) {
  if (schema.enum) return schema.enum;
  return schema.anyOf?.every((one) => 'const' in one) ? schema.anyOf.map((one) => one.const) : undefined;
}

/** @param {Schema} schema */
function hint(schema) {
  const { description = '', minimum, maximum, default: preset } = schema;
  const span = minimum !== undefined && maximum !== undefined ? ` ${minimum} to ${maximum}.` : '';
  const list = schema.type === 'array' ? ` Of ${(choicesOf(schema.items ?? {}) ?? ['texts']).join(', ')}.` : '';
  return `${description}${list}${span}${preset === undefined ? '' : ` Default: \`${text(preset)}\`.`}`;
}

/** @param {unknown} value */
function text(value) {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
