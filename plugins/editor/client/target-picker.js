import { ask } from './api.js';
import { chips } from './chips.js';
import { combobox } from './combobox.js';
import { make, newId } from './dom.js';
import { selectorInput } from './selector-input.js';
import { readTarget } from './validation.js';
import { words } from './words.js';

/**
 * Says what a node works on: VMs by name with type-ahead, a selector, all, or the message.
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
  const close = targetPicker(place, setting, field.modes ?? ['list'], `${prefix}-${field.name}-label`);
  return {
    save() {
      node[field.name] = setting;
    },
    close,
  };
}

/**
 * Puts a picker into a place, which writes what is picked into the setting; answers what closes it.
 * @param {Element} place
 * @param {TargetSetting} setting
 * @param {TargetMode[]} modes
 * @param {string} labelId
 */
export function targetPicker(place, setting, modes, labelId) {
  const panels = {
    list: namesPanel(setting, labelId),
    selector: selectorPanel(setting, labelId),
    all: { element: make('div', { class: 'virtflow-note' }, words('picker.allHint')) },
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
  return () => {
    RED.comms.unsubscribe('virtflow/inventory', changed);
    panels.list.close();
    panels.selector.close();
  };
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
 */
function namesPanel(setting, labelId) {
  const picked = chips(setting.names, () => box.refresh());
  const box = combobox({
    label: words('picker.found'),
    labelledBy: labelId,
    placeholder: words('picker.placeholder'),
    search: (typed) => search(typed, setting.names),
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
 */
async function search(typed, picked) {
  const answer = /** @type {FoundVms} */ (await ask('GET', 'inventory/vms', { q: typed }));
  const vms = answer.vms.filter((vm) => !picked.includes(nameOf(vm)));
  return {
    choices: vms.map((vm) => ({ value: nameOf(vm), content: vmRow(vm) })),
    note: noteOn(answer, vms.length, typed),
  };
}

/** @param {FoundVm} vm */
function nameOf(vm) {
  return `${vm.connection}/${vm.name}`;
}

/** @param {FoundVm} vm */
function vmRow(vm) {
  const power = words(`power.${vm.power}`);
  return [
    make('span', { class: `virtflow-power virtflow-power-${vm.power}`, title: power, 'aria-hidden': 'true' }),
    make('span', { class: 'virtflow-vm-name' }, vm.name),
    make('span', { class: 'virtflow-vm-place' }, `${power} · ${vm.connection}`),
  ];
}

/**
 * @param {FoundVms} answer
 * @param {number} shown
 * @param {string} typed
 */
function noteOn({ total, vms, connections }, shown, typed) {
  if (connections.length === 0) return words('picker.noConnection');
  const waiting = connections.filter(({ phase }) => phase !== 'connected');
  const down = waiting.length > 0 ? words('picker.down', { names: waiting.map(({ name }) => name).join(', ') }) : '';
  if (total > vms.length) return `${words('picker.more', { shown, total })} ${down}`;
  if (shown === 0 && typed.trim() !== '') return `${words('picker.none', { typed: typed.trim() })} ${down}`;
  return down;
}

/**
 * @param {TargetSetting} setting
 * @param {string} labelId
 */
function selectorPanel(setting, labelId) {
  return selectorInput(setting.selector, labelId, (selector) => {
    setting.selector = selector;
  });
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
