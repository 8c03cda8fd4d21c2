/**
 * Boxes of which any number may be ticked; the node keeps the list of those that are.
 * @param {HTMLElement} form
 * @param {FieldDescription} field
 * @param {EditorNode} node
 * @returns {Part}
 */
export function openChoices(form, field, node) {
  const chosen = Array.isArray(node[field.name]) ? node[field.name] : field.default;
  const boxes = [...form.querySelectorAll(`input[data-virtflow-choice="${field.name}"]`)].filter(isInput);
  for (const box of boxes) box.checked = Array.isArray(chosen) && chosen.includes(box.value);
  return {
    save() {
      node[field.name] = boxes.filter((box) => box.checked).map((box) => box.value);
    },
  };
}

/**
 * @param {Element} element
 * @returns {element is HTMLInputElement}
 */
function isInput(element) {
  return element instanceof HTMLInputElement;
}
