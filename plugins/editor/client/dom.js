/**
 * An element with attributes and content; what is undefined or false is left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, string | number | boolean | undefined>} [attributes]
 * @param {...(Node | string)} content
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...content);
  return element;
}

/**
 * @param {string} name
 */
export function icon(name) {
  return make('i', { class: `fa ${name}`, 'aria-hidden': 'true' });
}

/**
 * The value of a form's input, as text or, for a checkbox, as true or false.
 * @param {Element | null} input
 * @returns {string | boolean}
 */
export function inputValue(input) {
  if (input instanceof HTMLInputElement && input.type === 'checkbox') return input.checked;
  if (input instanceof HTMLInputElement || input instanceof HTMLSelectElement) return input.value;
  return '';
}

let count = 0;

/** An id that no other element has. */
export function newId() {
  count += 1;
  return `virtflow-${count}`;
}
