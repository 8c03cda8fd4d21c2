import { ask } from './api.js';
import { icon, inputValue, make } from './dom.js';
import { words } from './words.js';

/** @type {Record<string, string>} */
const paths = {
  'test-connection': 'connections/test',
  'test-influxdb': 'influxdb/test',
  'test-channel': 'alerts/test-channel',
};

/**
 * Tries what stands in the form, and says what was found or what to do.
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {NodeDescription} description
 * @param {EditorNode} node
 */
export function openTestButton(form, prefix, description, node) {
  for (const [widget, path] of Object.entries(paths)) {
    const place = form.querySelector(`[data-virtflow-widget="${widget}"]`);
    if (!place) continue;
    const button = make(
      'button',
      { type: 'button', class: 'red-ui-button' },
      icon('fa-plug'),
      ` ${words('test.button')}`,
    );
    const result = make('div', { class: 'virtflow-result', role: 'status' });
    place.append(button, result);
    if (widget === 'test-connection') sayState(result, node);
    button.addEventListener('click', async () => {
      button.disabled = true;
      say(result, 'waiting', words('test.running'));
      try {
        const found = await ask('POST', path, {
          node: node.id,
          type: description.type,
          ...formValues(form, prefix, description),
        });
        say(result, 'good', words(`test.${widget}`, /** @type {Record<string, unknown>} */ (found)));
      } catch (problem) {
        const { message, advice } = /** @type {Problem} */ (problem);
        say(result, 'bad', message, advice);
      }
      button.disabled = false;
    });
  }
}

/**
 * How the connection is that runs under this name already.
 * @param {HTMLElement} result
 * @param {EditorNode} node
 */
function sayState(result, node) {
  ask('GET', 'connections', {}).then(
    (answer) => {
      const running = /** @type {{ name: string, phase: string }[]} */ (answer);
      const own = running.find(({ name }) => name === node.name);
      if (!own || result.hasChildNodes()) return;
      say(result, own.phase === 'connected' ? 'good' : 'waiting', words(`phase.${own.phase}`));
    },
    () => undefined,
  );
}

/**
 * @param {HTMLElement} result
 * @param {'waiting' | 'good' | 'bad'} outcome
 * @param {...string} sentences
 */
function say(result, outcome, ...sentences) {
  result.className = `virtflow-result virtflow-result-${outcome}`;
  const symbol = { waiting: 'fa-spinner fa-spin', good: 'fa-check', bad: 'fa-exclamation-triangle' }[outcome];
  const texts = sentences.filter((text) => text !== '').map((text) => make('p', {}, text));
  result.replaceChildren(icon(symbol), make('div', {}, ...texts));
}

/**
 * What stands in the form now, saved or not.
 * @param {HTMLElement} form
 * @param {string} prefix
 * @param {NodeDescription} description
 * @returns {Record<string, unknown>}
 */
export function formValues(form, prefix, { fields, credentials = [] }) {
  const names = [...fields, ...credentials].map(({ name }) => name);
  const values = names.map((name) => [name, inputValue(form.querySelector(`#${prefix}-${name}`))]);
  const chosen = fields
    .filter(({ kind }) => kind === 'choices')
    .map(({ name }) => {
      const boxes = form.querySelectorAll(`input[data-virtflow-choice="${name}"]:checked`);
      return [name, [...boxes].map((box) => (box instanceof HTMLInputElement ? box.value : ''))];
    });
  return Object.fromEntries([...values, ...chosen]);
}
