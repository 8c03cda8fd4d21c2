/** Before it is a click. */
const leastPixels = 5;
const snapMinutes = 15;

/**
 * Takes hold of what can be moved in the grid, and lets it go at another time. Escape leaves it where it was.
 * @param {HTMLElement} days
 * @param {{
 *   entry: (key: string) => CalendarEntry | undefined,
 *   momentAt: (column: number, minutes: number) => number,
 *   dropped: (entry: CalendarEntry, at: number) => void,
 * }} options
 */
export function followDrag(days, { entry: entryOf, momentAt, dropped }) {
  /** @type {{ entry: CalendarEntry, element: HTMLElement, x: number, y: number, grip: number, isMoving: boolean } | undefined} */
  let held;
  let justMoved = false;

  days.addEventListener('pointerdown', (event) => {
    const element = event.target instanceof Element ? event.target.closest('[data-movable]') : null;
    const entry = element instanceof HTMLElement ? entryOf(element.dataset.key ?? '') : undefined;
    if (!entry || event.button !== 0 || !(element instanceof HTMLElement)) return;
    const grip = event.clientY - element.getBoundingClientRect().top;
    held = { entry, element, x: event.clientX, y: event.clientY, grip, isMoving: false };
  });

  days.addEventListener('pointermove', (event) => {
    if (!held) return;
    const [x, y] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.isMoving && Math.hypot(x, y) < leastPixels) return;
    if (!held.isMoving) days.setPointerCapture(event.pointerId);
    held.isMoving = true;
    held.element.classList.add('virtflow-is-moving');
    held.element.style.transform = `translate(${x}px, ${y}px)`;
  });

  days.addEventListener('pointerup', (event) => {
    const { entry, isMoving, grip } = held ?? {};
    if (entry && isMoving) dropped(entry, placeOf(event, grip ?? 0));
    letGo();
  });
  days.addEventListener('pointercancel', letGo);
  days.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') letGo();
  });
  // A click follows the end of a drag; it means nothing then.
  days.addEventListener(
    'click',
    (event) => {
      if (!justMoved) return;
      event.stopPropagation();
      justMoved = false;
    },
    true,
  );
  function letGo() {
    if (!held) return;
    justMoved = held.isMoving;
    window.setTimeout(() => {
      justMoved = false;
    });
    held.element.classList.remove('virtflow-is-moving');
    held.element.style.transform = '';
    held = undefined;
  }

  /** @param {PointerEvent} event @param {number} grip */
  function placeOf({ clientX, clientY }, grip) {
    const box = days.getBoundingClientRect();
    const columns = days.childElementCount;
    const column = Math.floor(((clientX - box.left) / box.width) * columns);
    const minutes = ((clientY - grip - box.top) / box.height) * 1_440;
    const snapped = Math.round(minutes / snapMinutes) * snapMinutes;
    return momentAt(Math.max(0, Math.min(columns - 1, column)), Math.max(0, Math.min(1_425, snapped)));
  }
}
