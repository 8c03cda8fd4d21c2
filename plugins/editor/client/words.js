import { shell } from './shell.js';

/**
 * A text of the editor's catalogue in the user's language.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function words(key, values) {
  return shell.words(key, values);
}
