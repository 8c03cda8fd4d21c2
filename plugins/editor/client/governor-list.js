import { icon, make } from './dom.js';
import { governorForm } from './governor-form.js';
import { governorName, governorSentence } from './governor-rules.js';
import { governorButton } from './governor-switch.js';
import { words } from './words.js';

const governorBarsShown = 5;

/**
 * @typedef {object} GovernorHandlers
 * @property {(rule: GovernorRule) => void} edit
 * @property {(rule: GovernorRule, changed: GovernorRule | undefined) => Promise<boolean>} replace
 */

/**
 * One rule in the list: whether it is in force, what it says, what is used of it, and what can be done with it.
 * @param {GovernorRule} rule
 * @param {GovernorHandlers} handlers
 */
export function governorItem(rule, { edit, replace }) {
  const name = governorName(rule);
  const mayWrite = RED.user.hasPermission('virtflow.govern');
  const enabled = make('input', {
    type: 'checkbox',
    checked: rule.enabled !== false,
    disabled: !mayWrite,
    'aria-label': words('governor.rules.enabled', { name }),
  });
  enabled.addEventListener('change', async () => {
    const { enabled: _, ...rest } = rule;
    const done = await replace(rule, enabled.checked ? rest : { ...rest, enabled: false });
    if (!done) enabled.checked = !enabled.checked;
  });
  const buttons = mayWrite
    ? [governorEdit(name, () => edit(rule)), governorDelete(name, () => replace(rule, undefined))]
    : [];
  return make(
    'li',
    { 'data-virtflow-rule': rule.id, class: rule.enabled === false ? 'virtflow-governor-off' : undefined },
    enabled,
    make(
      'div',
      { class: 'virtflow-governor-rule' },
      make(
        'div',
        {},
        make('strong', {}, name),
        ' ',
        make('span', { class: 'virtflow-unit' }, words(`governor.type.${rule.type}`)),
      ),
      make('div', {}, governorSentence(rule)),
      make('div', { class: 'virtflow-governor-bars' }),
    ),
    make('div', { class: 'virtflow-governor-buttons' }, ...buttons),
  );
}

/**
 * @param {string} name
 * @param {() => void} run
 */
function governorEdit(name, run) {
  const button = make(
    'button',
    {
      type: 'button',
      class: 'red-ui-button red-ui-button-small',
      'aria-label': words('governor.rules.edit', { name }),
    },
    icon('fa-pencil'),
  );
  button.addEventListener('click', run);
  return button;
}

/**
 * Asks once more, in the button itself.
 * @param {string} name
 * @param {() => Promise<boolean>} run
 */
function governorDelete(name, run) {
  const label = words('governor.rules.delete', { name });
  const button = make(
    'button',
    { type: 'button', class: 'red-ui-button red-ui-button-small', 'aria-label': label },
    icon('fa-trash'),
  );
  let asked = false;
  button.addEventListener('click', () => {
    if (asked) run();
    asked = true;
    button.setAttribute('aria-label', words('governor.rules.really'));
    button.replaceChildren(words('governor.rules.really'));
  });
  button.addEventListener('blur', () => {
    asked = false;
    button.setAttribute('aria-label', label);
    button.replaceChildren(icon('fa-trash'));
  });
  return button;
}

/**
 * The form in the place of a rule.
 * @param {GovernorRule} rule
 * @param {(changed: GovernorRule) => Promise<void>} save
 * @param {() => void} leave
 */
export function governorEditor(rule, save, leave) {
  const form = governorForm(rule);
  const store = governorButton('fa-check', words('governor.rules.save'), () => save(form.read()));
  const cancel = governorButton('fa-times', words('governor.rules.cancel'), leave);
  const buttons = make('div', { class: 'virtflow-governor-buttons' }, store, cancel);
  const title = make('strong', {}, words(`governor.type.${rule.type}`));
  const item = make('li', { class: 'virtflow-governor-open' }, title, form.element, buttons);
  item.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
      event.preventDefault();
      store.click();
    }
    if (event.key === 'Escape') {
      event.stopPropagation();
      leave();
    }
  });
  return item;
}

/**
 * Shows what is used of a rule in its place in the list.
 * @param {Element} item
 * @param {readonly GovernorScope[]} scopes
 */
export function showGovernorUsage(item, scopes) {
  const bars = scopes.slice(0, governorBarsShown).map(governorBar);
  const more = scopes.length - bars.length;
  const rest = more > 0 ? [make('div', { class: 'virtflow-unit' }, words('governor.rules.more', { count: more }))] : [];
  item.querySelector('.virtflow-governor-bars')?.replaceChildren(...bars, ...rest);
}

/** @param {GovernorScope} scope */
function governorBar({ scope, used, limit, freesAt, stops }) {
  const share = limit === 0 ? 1 : Math.min(1, used / limit);
  const texts = [words('governor.usage.of', { used, limit })];
  if (scope !== '') texts.push(words('governor.usage.for', { scope }));
  if (stops) texts.push(words('governor.usage.stops'));
  if (freesAt !== null) {
    texts.push(words('governor.usage.frees', { at: new Date(freesAt).toLocaleTimeString(RED.i18n.lang()) }));
  }
  const fill = make('div', { style: `width: ${Math.round(share * 100)}%` });
  const text = texts.join(' · ');
  const bar = make('div', { class: 'virtflow-governor-meter', role: 'meter', 'aria-label': text }, fill);
  bar.setAttribute('aria-valuemin', '0');
  bar.setAttribute('aria-valuemax', String(limit));
  bar.setAttribute('aria-valuenow', String(Math.min(used, limit)));
  const className = stops ? 'virtflow-governor-bar virtflow-governor-full' : 'virtflow-governor-bar';
  return make('div', { class: className }, bar, make('span', {}, text));
}
