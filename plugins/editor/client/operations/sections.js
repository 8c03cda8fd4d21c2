import { make } from '../dom.js';

/**
 * Parts of a page that are drawn anew when what they show has changed, and only then; the focus stays on what has the
 * same `data-focus`, and goes to `fallback` when that is not there any more.
 * @param {HTMLElement} parent
 * @param {() => void} fallback
 */
export function sections(parent, fallback) {
  /** @type {Map<string, { element: HTMLElement, shown: string }>} */
  const all = new Map();
  return {
    /**
     * @param {string} name
     * @param {unknown} about what it shows: drawn again when that differs as JSON
     * @param {() => (Node | string)[]} draw nothing hides it
     */
    show(name, about, draw) {
      const section = all.get(name) ?? add(parent, all, name);
      const shown = JSON.stringify(about) ?? '';
      if (section.shown === shown) return;
      section.shown = shown;
      const focused = section.element.contains(document.activeElement) ? document.activeElement : null;
      const content = draw();
      section.element.replaceChildren(...content);
      section.element.hidden = content.length === 0;
      if (!focused) return;
      const key = focused.getAttribute('data-focus');
      const again =
        key &&
        [...section.element.querySelectorAll('[data-focus]')].find((one) => one.getAttribute('data-focus') === key);
      if (again instanceof HTMLElement && !again.hasAttribute('disabled')) again.focus();
      else fallback();
    },
    clear() {
      all.clear();
      parent.replaceChildren();
    },
  };
}

/**
 * @param {HTMLElement} parent
 * @param {Map<string, { element: HTMLElement, shown: string }>} all
 * @param {string} name
 */
function add(parent, all, name) {
  const section = { element: make('div', { class: `virtflow-section virtflow-section-${name}` }), shown: '?' };
  parent.append(section.element);
  all.set(name, section);
  return section;
}

/** @param {string} text */
export function sectionTitle(text) {
  return make('h4', {}, text);
}

/**
 * A button that keeps the focus over redraws.
 * @param {string} key
 * @param {string} text
 * @param {() => void} run
 * @param {{ disabled?: boolean, title?: string, class?: string }} [more]
 */
export function keptButton(key, text, run, more = {}) {
  const { disabled, title } = more;
  const button = make(
    'button',
    {
      type: 'button',
      class: `virtflow-button ${more.class ?? ''}`,
      'data-focus': key,
      title,
      'aria-disabled': disabled ? 'true' : undefined,
    },
    text,
  );
  // One that is disabled stays within reach of the keyboard, for it says why.
  if (!disabled) button.addEventListener('click', run);
  return button;
}
