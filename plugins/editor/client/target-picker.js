import { ask } from './api.js';
import { chips } from './chips.js';
import { combobox } from './combobox.js';
import { inputValue, make, newId } from './dom.js';
import { selectorInput } from './selector-input.js';
import { readTarget } from './validation.js';
import { words } from './words.js';

/**
 * What a measurement is of; parts belong to their VM.
 * @type {Record<string, string>}
 */
const kinds = { host: 'host', storage_pool: 'storage-pool', pool: 'pool' };

/**
 * Says what a node works on: objects by name with type-ahead, a selector, all, or the message.
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {FieldDescription} field
 * @param {EditorNode} node
 * @returns {Part}
 */
export function openTargetPicker(form, prefix, field, node) {
  const place = form.querySelector(`[data-virtflow-target="${field.name}"]`);
  if (!place) return {};
  const setting = readTarget(node[field.name] ?? field.default);
  const measured = field.objects === 'measured' ? form.querySelector(`#${prefix}-measurement`) : null;
  const kind = field.objects === 'measured' ? () => kinds[String(inputValue(measured))] ?? 'vm' : undefined;
  const { close, refresh } = targetPicker(
    place,
    setting,
    field.modes ?? ['list'],
    `${prefix}-${field.name}-label`,
    kind,
  );
  measured?.addEventListener('change', refresh);
  return {
    save() {
      node[field.name] = setting;
    },
    values: () => ({ [field.name]: setting }),
    close,
  };
}

/**
 * Puts a picker into a place, which writes what is picked into the setting; answers what closes it, and what has it look
 * again.
 * @param {Element} place
 * @param {TargetSetting} setting
 * @param {TargetMode[]} modes
 * @param {string} labelId
 * @param {() => string} [kindNow] of which objects; VMs unless told
 */
export function targetPicker(place, setting, modes, labelId, kindNow) {
  const kind = kindNow ?? (() => 'vm');
  const panels = {
    list: namesPanel(setting, labelId, kind),
    selector: selectorPanel(setting, labelId, kind),
    all: { element: make('div', { class: 'virtflow-note' }, words(kindNow ? 'picker.allOfKind' : 'picker.allHint')) },
    message: messagePanel(setting, labelId),
  };
  const group = newId();
  const tabs = modes.map((mode) => modeButton(mode, group, setting, show));
  place.append(make('div', { class: 'virtflow-modes', role: 'radiogroup', 'aria-labelledby': labelId }, ...tabs));
  for (const mode of modes) place.append(panels[mode].element);

  function show() {
    for (const mode of modes) panels[mode].element.classList.toggle('virtflow-hidden', mode !== setting.mode);
  }
  show();

  const changed = () => {
    panels.list.refresh();
    if (setting.mode === 'selector') panels.selector.refresh();
  };
  RED.comms.subscribe('virtflow/inventory', changed);
  const close = () => {
    RED.comms.unsubscribe('virtflow/inventory', changed);
    panels.list.close();
    panels.selector.close();
  };
  return { close, refresh: changed };
}

/**
 * @param {TargetMode} mode
 * @param {string} group
 * @param {TargetSetting} setting
 * @param {() => void} show
 */
function modeButton(mode, group, setting, show) {
  const radio = make('input', { type: 'radio', name: group, value: mode });
  radio.checked = setting.mode === mode;
  radio.addEventListener('change', () => {
    setting.mode = mode;
    show();
  });
  return make('label', {}, radio, make('span', {}, words(`picker.${mode}`)));
}

/**
 * @param {TargetSetting} setting
 * @param {string} labelId
 * @param {() => string} kind
 */
function namesPanel(setting, labelId, kind) {
  const picked = chips(setting.names, () => box.refresh());
  const box = combobox({
    label: words('picker.found'),
    labelledBy: labelId,
    placeholder: words('picker.placeholder'),
    search: (typed) => search(typed, setting.names, kind()),
    pick: (name) => picked.add(name),
  });
  box.input.addEventListener('keydown', (event) => {
    if (event.key === 'Backspace' && box.input.value === '') picked.removeLast();
  });
  const element = make('div', { class: 'virtflow-names' }, picked.element, box.element);
  return { element, refresh: () => box.refresh(), close: () => box.close() };
}

/**
 * @param {string} typed
 * @param {string[]} picked
 * @param {string} kind
 */
async function search(typed, picked, kind) {
  const answer = /** @type {FoundObjects} */ (await ask('GET', 'inventory/objects', { q: typed, kind }));
  const found = answer.objects.filter((object) => !picked.includes(nameOf(object)));
  return {
    choices: found.map((object) => ({ value: nameOf(object), content: objectRow(object) })),
    note: noteOn(answer, found.length, typed),
  };
}

/** @param {FoundObject} object */
function nameOf({ connection, name }) {
  return `${connection}/${name}`;
}

/** @param {FoundObject} object */
function objectRow({ name, connection, power }) {
  const title = make('span', { class: 'virtflow-vm-name' }, name);
  if (power === undefined) return [title, make('span', { class: 'virtflow-vm-place' }, connection)];
  const state = words(`power.${power}`);
  return [
    make('span', { class: `virtflow-power virtflow-power-${power}`, title: state, 'aria-hidden': 'true' }),
    title,
    make('span', { class: 'virtflow-vm-place' }, `${state} · ${connection}`),
  ];
}

/**
 * @param {FoundObjects} answer
 * @param {number} shown
 * @param {string} typed
 */
function noteOn({ total, objects, connections }, shown, typed) {
  if (connections.length === 0) return words('picker.noConnection');
  const waiting = connections.filter(({ phase }) => phase !== 'connected');
  const down = waiting.length > 0 ? words('picker.down', { names: waiting.map(({ name }) => name).join(', ') }) : '';
  if (total > objects.length) return `${words('picker.more', { shown, total })} ${down}`;
  if (shown === 0 && typed.trim() !== '') return `${words('picker.none', { typed: typed.trim() })} ${down}`;
  return down;
}

/**
 * @param {TargetSetting} setting
 * @param {string} labelId
 * @param {() => string} kind
 */
function selectorPanel(setting, labelId, kind) {
  const changed = (/** @type {string} */ selector) => {
    setting.selector = selector;
  };
  return selectorInput(setting.selector, labelId, changed, kind);
}

/**
 * @param {TargetSetting} setting
 * @param {string} labelId
 */
function messagePanel(setting, labelId) {
  const input = make('input', {
    type: 'text',
    class: 'virtflow-mono',
    spellcheck: 'false',
    'aria-labelledby': labelId,
  });
  input.value = setting.property;
  input.addEventListener('input', () => {
    setting.property = input.value.trim();
  });
  const line = make('div', { class: 'virtflow-prefixed' }, make('span', {}, 'msg.'), input);
  return { element: make('div', {}, line, make('div', { class: 'virtflow-note' }, words('picker.messageHint'))) };
}
