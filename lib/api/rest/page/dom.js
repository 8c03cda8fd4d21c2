/**
 * Makes an element. Texts become text nodes, never markup.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | boolean | ((event: Event) => void)>} [about] attributes; functions listen
 * @param {(Node | string | undefined)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, about = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (typeof value === 'boolean') made.toggleAttribute(name, value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/**
 * Text with what stands in backticks as code.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function prose(text) {
  return text.split('`').map((part, index) => (index % 2 ? element('code', {}, part) : part));
}

/** @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (found) return found;
  throw new Error(`the page has no ${id}`);
}
