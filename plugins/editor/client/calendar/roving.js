/**
 * One stop for the Tab key, among which the arrow keys walk; the others are reached from there.
 * @param {HTMLElement} place
 * @param {string} selector of what can be reached
 */
export function roving(place, selector) {
  let active = '';

  function all() {
    return [...place.querySelectorAll(selector)].filter((one) => one instanceof HTMLElement);
  }

  function settle() {
    const items = all();
    const current = items.find(({ dataset }) => dataset.key === active) ?? items[0];
    for (const item of items) item.tabIndex = item === current ? 0 : -1;
    return current;
  }

  place.addEventListener('focusin', ({ target }) => {
    const item = target instanceof Element ? target.closest(selector) : null;
    if (!(item instanceof HTMLElement)) return;
    active = item.dataset.key ?? '';
    settle();
  });
  place.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const items = all();
    const at = document.activeElement instanceof HTMLElement ? items.indexOf(document.activeElement) : -1;
    const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -items.length, End: items.length };
    const step = Object.entries(steps).find(([name]) => name === event.key)?.[1];
    if (step === undefined || at < 0) return;
    items[Math.max(0, Math.min(items.length - 1, at + step))]?.focus();
    event.preventDefault();
    // The editor has shortcuts of its own on these keys.
    event.stopPropagation();
  });

  return {
    settle,
    /** @param {string} [key] */
    focus(key = active) {
      active = key;
      settle()?.focus();
    },
  };
}
