/**
 * Puts the children of an element in order, for screen readers go by it. The one that has the focus is not moved, for it
 * would lose it: the others are moved around it.
 * @param {HTMLElement} parent
 * @param {readonly HTMLElement[]} wanted all that it shall have
 */
export function inOrder(parent, wanted) {
  let at = parent.firstElementChild;
  for (const child of wanted) {
    if (child === at) {
      at = at.nextElementSibling;
    } else if (child.contains(document.activeElement)) {
      while (at && at !== child) {
        const next = at.nextElementSibling;
        parent.append(at);
        at = next;
      }
      at = child.nextElementSibling;
    } else {
      parent.insertBefore(child, at);
    }
  }
}
