/**
 * A text of the editor's catalogue in the user's language.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function words(key, values) {
  return RED._(`@virtflow/node-red/editor:${key}`, values);
}
