import { inputValue } from './dom.js';

/**
 * Shows a row only while the field that it depends on has one of its values.
 * @param {HTMLElement} form
 * @param {string} prefix
 */
export function followConditions(form, prefix) {
  for (const row of form.querySelectorAll('[data-virtflow-show-if]')) {
    /** @type {Condition} */
    const condition = JSON.parse(row.getAttribute('data-virtflow-show-if') ?? '{}');
    const input = form.querySelector(`#${prefix}-${condition.field}`);
    const follow = () => row.classList.toggle('virtflow-hidden', !condition.values.includes(inputValue(input)));
    input?.addEventListener('change', follow);
    follow();
  }
}
