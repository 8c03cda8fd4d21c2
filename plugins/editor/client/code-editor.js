/**
 * Node-RED's code editor for a long text.
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {FieldDescription} field
 * @returns {Part}
 */
export function openCodeEditor(form, prefix, field) {
  const input = form.querySelector(`#${prefix}-${field.name}`);
  if (!(input instanceof HTMLInputElement)) return {};
  const editor = RED.editor.createEditor({
    id: `${prefix}-${field.name}-editor`,
    mode: `ace/mode/${field.language ?? 'text'}`,
    value: input.value,
  });
  return {
    save: () => {
      input.value = editor.getValue();
    },
    values: () => ({ [field.name]: editor.getValue() }),
    resize: () => editor.resize(),
    close: () => editor.destroy(),
  };
}
