import { icon, make } from './dom.js';
import { words } from './words.js';

/**
 * The names that were picked, each with a button that takes it away.
 * @param {string[]} names
 * @param {() => void} changed
 */
export function chips(names, changed) {
  const element = make('ul', { class: 'virtflow-chips', 'aria-live': 'polite' });

  function draw() {
    element.replaceChildren(...names.map(chip));
    element.hidden = names.length === 0;
  }

  /** @param {string} name */
  function chip(name) {
    const label = words('picker.remove', { name });
    const button = make(
      'button',
      { type: 'button', class: 'virtflow-chip-remove', title: label, 'aria-label': label },
      icon('fa-times'),
    );
    button.addEventListener('click', () => remove(names.indexOf(name)));
    return make('li', {}, make('span', { class: 'virtflow-chip-name' }, name), button);
  }

  /** @param {number} index */
  function remove(index) {
    names.splice(index, 1);
    draw();
    changed();
    const buttons = element.querySelectorAll('button');
    buttons[Math.min(index, buttons.length - 1)]?.focus();
  }

  draw();
  return {
    element,
    /** @param {string} name */
    add(name) {
      if (names.includes(name)) return;
      names.push(name);
      draw();
      changed();
    },
    removeLast() {
      if (names.length === 0) return;
      names.pop();
      draw();
      changed();
    },
  };
}
