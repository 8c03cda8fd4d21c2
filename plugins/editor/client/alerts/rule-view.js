import { make, newId } from '../dom.js';
import { problemFrom, rest } from '../operations/rest.js';
import { words } from '../words.js';

/**
 * A rule as it stands: to be read, with where it is changed. `focused` is where its text stands.
 * @param {string} id
 */
export async function ruleView(id) {
  const note = make('p', { id: newId(), class: 'virtflow-note' });
  const text = make('textarea', {
    class: 'virtflow-mono virtflow-rule-text',
    readonly: true,
    rows: 20,
    'aria-label': words('alerts.rule.title'),
    'aria-describedby': note.id,
  });
  const shown = await rest('GET', `/rules/${encodeURIComponent(id)}`).then(
    (answer) => {
      const { rule, from } = Object(answer);
      text.value = JSON.stringify(rule, null, 2);
      note.textContent = words(`alerts.rule.${from.type}`);
      return [note, text];
    },
    (thrown) => {
      const { message, advice } = problemFrom(thrown);
      return [make('p', { class: 'virtflow-note virtflow-error', role: 'alert' }, `${message} ${advice}`.trim())];
    },
  );
  return { element: make('div', { class: 'dialog-form virtflow-form' }, ...shown), focused: text };
}
