import { closeForm, openForm, resizeForm, saveForm } from './form.js';
import { checkMembers } from './members.js';
import { checkSteps } from './steps.js';
import { readTarget, validatorOf } from './validation.js';

/**
 * Registers node types with the editor.
 * @param {NodeDescription[]} descriptions
 */
export function register(descriptions) {
  for (const description of descriptions) RED.nodes.registerType(description.type, definitionOf(description));
}

/**
 * @typedef {EditorNode & { _: (key: string) => string }} TranslatedNode
 */

/** @param {NodeDescription} description */
function definitionOf(description) {
  const { type, category, colour, icon, inputs, outputs, alignRight } = description;
  return {
    category,
    color: colour,
    icon,
    inputs,
    outputs,
    align: alignRight ? 'right' : 'left',
    defaults: defaultsOf(description),
    credentials: credentialsOf(description),
    // Connections are used by name, also by none at all: to be watched over MQTT.
    ...(type === 'virtflow-connection' ? { hasUsers: false } : {}),
    /** @this {{ _: (key: string) => string }} */
    paletteLabel() {
      return this._(`${type}.label`);
    },
    /** @this {TranslatedNode} */
    label() {
      return this.name || [this._(`${type}.label`), subjectOf(this)].filter(Boolean).join(' · ');
    },
    /** @this {EditorNode} */
    labelStyle() {
      return this.name ? 'node_label_italic' : '';
    },
    ...portLabels(description),
    /** @this {EditorNode} */
    oneditprepare() {
      openForm(description, this);
    },
    /** @this {EditorNode} */
    oneditsave() {
      saveForm(this);
      this.version = description.version;
      followSwitch(description, this);
    },
    /** @this {EditorNode} */
    oneditcancel() {
      closeForm(this);
    },
    /** @this {EditorNode} */
    oneditdelete() {
      closeForm(this);
    },
    /** @this {EditorNode} */
    oneditresize() {
      resizeForm(this);
    },
  };
}

/** @param {NodeDescription} description */
function defaultsOf({ fields, version, outputs, outputsWhenOff }) {
  /** @type {Record<string, object>} */
  const defaults = { version: { value: version } };
  for (const field of fields) {
    defaults[field.name] = defaultOf(field);
    if (field.kind === 'typed') defaults[`${field.name}Type`] = { value: field.types?.[0] };
  }
  if (outputsWhenOff) defaults.outputs = { value: Math.min(outputsWhenOff.outputs, outputs) };
  return defaults;
}

/** @param {FieldDescription} field */
function defaultOf(field) {
  if (field.kind === 'node') return { value: '', type: field.nodeType, required: field.required === true };
  const own = { steps: checkSteps, members: checkMembers }[field.kind];
  const validate = own ?? validatorOf(field);
  return { value: field.initial ?? field.default ?? '', validate };
}

/** @param {NodeDescription} description */
function credentialsOf({ credentials }) {
  return credentials && Object.fromEntries(credentials.map(({ name, type }) => [name, { type }]));
}

/** @param {NodeDescription} description */
function portLabels({ type, hasInputLabel, outputLabels }) {
  return {
    ...(hasInputLabel
      ? {
          /** @this {TranslatedNode} */
          inputLabels() {
            return this._(`${type}.input`);
          },
        }
      : {}),
    ...(outputLabels > 0
      ? {
          /** @this {TranslatedNode} @param {number} index */
          outputLabels(index) {
            return index < outputLabels ? this._(`${type}.outputs.${index}`) : '';
          },
        }
      : {}),
  };
}

/**
 * @param {NodeDescription} description
 * @param {EditorNode} node
 */
function followSwitch({ outputs, outputsWhenOff, prefix }, node) {
  if (!outputsWhenOff) return;
  const input = document.getElementById(`${prefix}-${outputsWhenOff.field}`);
  node.outputs = input instanceof HTMLInputElement && input.checked ? outputs : outputsWhenOff.outputs;
}

/**
 * What a node without a name works on, short enough for the canvas.
 * @param {EditorNode} node
 */
function subjectOf(node) {
  if (typeof node.target !== 'object') return '';
  const { mode, names, selector } = readTarget(node.target);
  if (mode === 'selector') return cut(selector);
  if (mode !== 'list' || names.length === 0) return '';
  const [first = ''] = names;
  return cut(first.slice(first.indexOf('/') + 1)) + (names.length > 1 ? ` +${names.length - 1}` : '');
}

/** @param {string} text */
function cut(text) {
  return text.length <= 24 ? text : `${text.slice(0, 23)}…`;
}
