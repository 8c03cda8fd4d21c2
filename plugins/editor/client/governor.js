import { ask } from './api.js';
import { make } from './dom.js';
import { governorSelect } from './governor-form.js';
import { governorEditor, governorItem, showGovernorUsage } from './governor-list.js';
import { governorFields, newGovernorRule } from './governor-rules.js';
import { governorButton, governorSwitch } from './governor-switch.js';
import { words } from './words.js';

const governorEveryMs = 2_000;

/** Puts the governor into the main menu and among the actions, for a key of one's own. */
export function offerGovernor() {
  const label = words('governor.menu');
  RED.actions.add('virtflow:governor', openGovernor, { label });
  RED.menu.addItem('red-ui-header-button-sidemenu', {
    id: 'menu-item-virtflow-governor',
    label,
    onselect: 'virtflow:governor',
  });
}

function openGovernor() {
  const panel = new GovernorPanel();
  RED.tray.show({
    title: words('governor.menu'),
    width: 500,
    buttons: [
      { id: 'virtflow-governor-close', class: 'primary', text: words('governor.close'), click: () => RED.tray.close() },
    ],
    open: (tray) => {
      tray.find('.red-ui-tray-body').get(0)?.append(panel.element);
      panel.start();
    },
    close: () => panel.stop(),
  });
}

/** Kill switch, read-only, the rules and what is used of them, as they are at the moment. */
class GovernorPanel {
  #rules = /** @type {GovernorRule[]} */ ([]);
  #shown = '';
  #isEditing = false;
  #timer = 0;
  #note = make('div', { class: 'virtflow-note', role: 'status' }, words('governor.loading'));
  #problem = make('div', { class: 'virtflow-note virtflow-error', role: 'alert' });
  #waiting = make('div', { class: 'virtflow-note' });
  #list = make('ul', { class: 'virtflow-governor-rules' });
  #readOnly = make('input', { type: 'checkbox' });
  #switch = governorSwitch((path, values) => this.#change(path, values));
  element = this.#build();

  start() {
    this.#timer = window.setTimeout(() => this.#look());
    this.element.querySelector('button')?.focus();
  }

  stop() {
    window.clearTimeout(this.#timer);
    this.#timer = -1;
  }

  #build() {
    this.#readOnly.disabled = !RED.user.hasPermission('virtflow.govern');
    this.#readOnly.addEventListener('change', () => this.#setReadOnly(this.#readOnly.checked));
    const form = make(
      'form',
      { class: 'dialog-form virtflow-form virtflow-governor', autocomplete: 'off' },
      this.#switch.element,
      make('label', { class: 'virtflow-switch' }, this.#readOnly, words('governor.readOnly')),
      this.#problem,
      make('h4', {}, words('governor.rules.title')),
      this.#list,
      ...this.#adding(),
      this.#waiting,
      this.#note,
    );
    form.addEventListener('submit', (event) => event.preventDefault());
    return form;
  }

  #adding() {
    if (!RED.user.hasPermission('virtflow.govern')) return [];
    const kind = governorSelect(Object.keys(governorFields), 'budget', 'type');
    kind.setAttribute('aria-label', words('governor.rules.kind'));
    const add = governorButton('fa-plus', words('governor.rules.add'), () => {
      const rule = newGovernorRule(kind.value, this.#rules);
      this.#edit(rule, undefined);
    });
    add.setAttribute('data-virtflow-governor', 'add');
    return [make('div', { class: 'virtflow-governor-buttons' }, kind, add)];
  }

  async #look() {
    try {
      this.#show(await ask('GET', 'governor', {}));
      if (this.#note.textContent === words('governor.loading')) this.#say('');
    } catch (problem) {
      this.#fail(problem);
    }
    if (this.#timer !== -1) this.#timer = window.setTimeout(() => this.#look(), governorEveryMs);
  }

  /** @param {unknown} answer */
  #show(answer) {
    const { rules, state } = /** @type {GovernorAnswer} */ (answer);
    this.#switch.show(state.killed);
    this.#problem.textContent = state.problem ? `${words('governor.problem')} ${state.problem.message}` : '';
    this.#waiting.textContent = state.waiting > 0 ? words('governor.waiting', { count: state.waiting }) : '';
    this.#rules = rules;
    this.#readOnly.checked = rules.some((rule) => isWholeHouse(rule) && rule.enabled !== false);
    const key = JSON.stringify(rules);
    if (key !== this.#shown && !this.#isEditing) {
      this.#shown = key;
      this.#list.replaceChildren(...this.#items());
    }
    for (const { rule, scopes } of state.rules) {
      const item = this.#list.querySelector(`[data-virtflow-rule="${rule}"]`);
      if (item) showGovernorUsage(item, scopes);
    }
  }

  #items() {
    if (this.#rules.length === 0) return [make('li', {}, words('governor.rules.none'))];
    const handlers = {
      /** @param {GovernorRule} rule */
      edit: (rule) => this.#edit(rule, rule),
      /** @param {GovernorRule} rule @param {GovernorRule | undefined} changed */
      replace: (rule, changed) => this.#replace(rule, changed),
    };
    return this.#rules.map((rule) => governorItem(rule, handlers));
  }

  /**
   * @param {GovernorRule} rule
   * @param {GovernorRule | undefined} before undefined for a new one
   */
  #edit(rule, before) {
    if (this.#isEditing) return;
    this.#isEditing = true;
    const save = async (/** @type {GovernorRule} */ changed) => {
      if (await this.#replace(before, changed)) this.#leave(changed.id);
    };
    const form = governorEditor(rule, save, () => this.#leave(rule.id));
    const own = before && this.#list.querySelector(`[data-virtflow-rule="${before.id}"]`);
    if (own) own.replaceWith(form);
    else this.#list.append(form);
    form.querySelector('input')?.focus();
    form.scrollIntoView({ block: 'nearest' });
  }

  /** @param {string} id */
  #leave(id) {
    this.#isEditing = false;
    this.#shown = '';
    this.#say('');
    ask('GET', 'governor', {}).then(
      (answer) => {
        this.#show(answer);
        const buttons = this.#list.querySelectorAll(`[data-virtflow-rule="${CSS.escape(id)}"] button`);
        if (buttons[0] instanceof HTMLButtonElement) buttons[0].focus();
      },
      (problem) => this.#fail(problem),
    );
  }

  /**
   * @param {GovernorRule | undefined} before
   * @param {GovernorRule | undefined} after
   */
  async #replace(before, after) {
    const kept = after === undefined ? [] : [after];
    const found = this.#rules.findIndex((rule) => rule.id === before?.id);
    const rules = found < 0 ? [...this.#rules, ...kept] : this.#rules.toSpliced(found, 1, ...kept);
    return this.#post('rules', { rules });
  }

  /** @param {boolean} on */
  async #setReadOnly(on) {
    const rule = this.#rules.find(isWholeHouse);
    const { enabled: _, ...known } = rule ?? { id: 'read-only', type: 'readOnly' };
    await this.#replace(rule, on ? { ...known } : { ...known, enabled: false });
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} values
   */
  async #change(path, values) {
    await this.#post(path, values);
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} values
   */
  async #post(path, values) {
    try {
      const answer = await ask('POST', `governor/${path}`, values);
      this.#say(words('governor.rules.saved'));
      this.#show(answer);
      return true;
    } catch (problem) {
      this.#fail(problem);
      return false;
    }
  }

  /** @param {string} text */
  #say(text) {
    this.#note.textContent = text;
    this.#note.classList.remove('virtflow-error');
  }

  /** @param {unknown} problem */
  #fail(problem) {
    const { message, advice } = /** @type {Problem} */ (problem);
    this.#note.textContent = `${message} ${advice}`;
    this.#note.classList.add('virtflow-error');
  }
}

/** @param {GovernorRule} rule */
function isWholeHouse({ type, connection, selector }) {
  return type === 'readOnly' && connection === undefined && selector === undefined;
}
