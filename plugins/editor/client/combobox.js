import { debounced } from './api.js';
import { make, newId } from './dom.js';

/**
 * @typedef {{ value: string, content: Node[] }} Choice
 * @typedef {{ choices: Choice[], note: string }} Choices
 */

/**
 * A text input with a list of what fits, after the pattern of the ARIA Authoring Practices: arrows walk, Enter takes,
 * Escape closes. Enter without a choice takes what was typed.
 * @param {{ label: string, labelledBy: string, placeholder: string, search: (typed: string) => Promise<Choices>, pick: (value: string) => void }} options
 */
export function combobox({ labelledBy, label, placeholder, search, pick }) {
  const listId = newId();
  const input = make('input', {
    type: 'text',
    role: 'combobox',
    placeholder,
    spellcheck: 'false',
    autocomplete: 'off',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': listId,
    'aria-labelledby': labelledBy,
  });
  const list = make('ul', { id: listId, role: 'listbox', class: 'virtflow-list', 'aria-label': label });
  const note = make('div', { class: 'virtflow-note', 'aria-live': 'polite' });
  const popup = make('div', { class: 'virtflow-popup', hidden: true }, list, note);
  const element = make('div', { class: 'virtflow-combobox' }, input, popup);
  /** @type {Choice[]} */
  let shown = [];
  let active = -1;

  const found = debounced(120, search, show, () => show({ choices: [], note: '' }));

  /** @param {Choices} choices */
  function show(choices) {
    shown = choices.choices;
    list.replaceChildren(...shown.map(option));
    note.textContent = choices.note;
    activate(-1);
    setOpen(document.activeElement === input);
  }

  /**
   * @param {Choice} choice
   * @param {number} index
   */
  function option(choice, index) {
    const item = make(
      'li',
      { id: `${listId}-${index}`, role: 'option', class: 'virtflow-choice', 'aria-selected': 'false' },
      ...choice.content,
    );
    // Before the input loses the focus.
    item.addEventListener('mousedown', (event) => {
      event.preventDefault();
      take(choice.value);
    });
    return item;
  }

  /** @param {number} index */
  function activate(index) {
    list.children[active]?.setAttribute('aria-selected', 'false');
    active = index;
    const item = list.children[active];
    item?.setAttribute('aria-selected', 'true');
    item?.scrollIntoView({ block: 'nearest' });
    if (item) input.setAttribute('aria-activedescendant', item.id);
    else input.removeAttribute('aria-activedescendant');
  }

  /** @param {boolean} open */
  function setOpen(open) {
    popup.hidden = !open;
    input.setAttribute('aria-expanded', String(open));
  }

  /** @param {string} value */
  function take(value) {
    const text = value.trim();
    if (text === '') return;
    input.value = '';
    activate(-1);
    pick(text);
    found.ask('');
  }

  /** @param {number} step */
  function walk(step) {
    if (popup.hidden) return found.ask(input.value);
    if (shown.length > 0) activate((active + step + shown.length + (active < 0 && step < 0 ? 1 : 0)) % shown.length);
  }

  input.addEventListener('input', () => {
    // What was found before no longer counts.
    activate(-1);
    found.ask(input.value);
  });
  input.addEventListener('focus', () => found.ask(input.value));
  input.addEventListener('blur', () => {
    setOpen(false);
    found.stop();
    take(input.value);
    found.stop();
  });
  input.addEventListener('keydown', (event) => {
    // Ctrl-Enter closes the form.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isOpen = !popup.hidden;
    if (event.key === 'ArrowDown') walk(1);
    else if (event.key === 'ArrowUp') walk(-1);
    else if (event.key === 'Enter') take(shown[active]?.value ?? input.value);
    else if (event.key === 'Escape' && isOpen) setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    element,
    input,
    /** Asks again, for the inventory changed. */
    refresh() {
      if (!popup.hidden) found.ask(input.value);
    },
    close: () => found.stop(),
  };
}
