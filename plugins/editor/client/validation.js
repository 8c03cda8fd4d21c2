import { words } from './words.js';

/**
 * Node-RED's validator for a field: true, or what is wrong. The limits are those that the runtime holds.
 * @param {FieldDescription} field
 * @returns {(this: EditorNode, value: unknown, options: { label?: string }) => true | string}
 */
export function validatorOf(field) {
  return function (value, _options) {
    if (value === undefined || isHidden(field, this)) return true;
    if (field.kind === 'number') return checkNumber(field, value);
    if (field.kind === 'target') return checkTarget(value);
    if (field.kind === 'text' || field.kind === 'code') return checkText(field, String(value ?? ''));
    return true;
  };
}

/**
 * @param {FieldDescription} field
 * @param {EditorNode} node
 */
function isHidden({ showIf }, node) {
  return showIf !== undefined && !showIf.values.some((value) => value === node[showIf.field]);
}

/**
 * @param {FieldDescription} field
 * @param {unknown} value
 */
function checkNumber(field, value) {
  if (value === '' || value === null) return field.default === null ? true : words('invalid.missing');
  const number = Number(value);
  if (!Number.isFinite(number)) return words('invalid.number');
  if (field.integer && !Number.isInteger(number)) return words('invalid.integer');
  if (field.minimum !== undefined && number < field.minimum) return words('invalid.minimum', { least: field.minimum });
  if (field.maximum !== undefined && number > field.maximum) return words('invalid.maximum', { most: field.maximum });
  return true;
}

/**
 * @param {FieldDescription} field
 * @param {string} text
 */
function checkText(field, text) {
  if (text === '') return field.required ? words('invalid.missing') : true;
  if (field.maxLength !== undefined && text.length > field.maxLength) {
    return words('invalid.long', { most: field.maxLength });
  }
  if (field.pattern !== undefined && !new RegExp(`^(?:${field.pattern})$`, 'u').test(text)) {
    return words('invalid.pattern');
  }
  return true;
}

/** @param {unknown} value */
export function checkTarget(value) {
  const { mode, names, selector, property } = readTarget(value);
  if (mode === 'list' && names.length === 0) return words('invalid.target');
  if (mode === 'selector' && selector.trim() === '') return words('invalid.selector');
  if (mode === 'message' && property.trim() === '') return words('invalid.missing');
  return true;
}

/**
 * @param {unknown} value
 * @returns {TargetSetting}
 */
export function readTarget(value) {
  /** @type {Record<string, unknown>} */
  const raw = typeof value === 'object' && value !== null ? { ...value } : {};
  const modes = /** @type {const} */ (['list', 'selector', 'all', 'message']);
  return {
    mode: modes.find((mode) => mode === raw.mode) ?? 'list',
    names: Array.isArray(raw.names) ? raw.names.map(String) : [],
    selector: typeof raw.selector === 'string' ? raw.selector : '',
    property: typeof raw.property === 'string' ? raw.property : 'target',
  };
}
