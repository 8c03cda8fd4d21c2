import { make, newId } from '../dom.js';
import { problemFrom, rest } from '../operations/rest.js';
import { words } from '../words.js';

/**
 * Shows a rule that no node on the canvas has, as `rules.json` has it: to be read, for the file is changed where it lies.
 * @param {string} id
 */
export async function showRule(id) {
  const note = make('p', { id: newId(), class: 'virtflow-note' }, words('alerts.rule.note'));
  const text = make('textarea', {
    class: 'virtflow-mono virtflow-rule-text',
    readonly: true,
    rows: 20,
    'aria-label': words('alerts.rule.title'),
    'aria-describedby': note.id,
  });
  const shown = await rest('GET', `/rules/${encodeURIComponent(id)}`).then(
    (answer) => {
      text.value = JSON.stringify(Object(answer).rule, null, 2);
      return [note, text];
    },
    (thrown) => {
      const { message, advice } = problemFrom(thrown);
      return [make('p', { class: 'virtflow-note virtflow-error', role: 'alert' }, `${message} ${advice}`.trim())];
    },
  );
  RED.tray.show({
    title: words('alerts.rule.title'),
    width: 560,
    buttons: [
      { id: 'virtflow-rule-close', class: 'primary', text: words('alerts.close'), click: () => RED.tray.close() },
    ],
    open: (tray) => {
      const body = tray.find('.red-ui-tray-body').get(0);
      body?.append(make('div', { class: 'dialog-form virtflow-form' }, ...shown));
      text.focus();
    },
    close: () => undefined,
  });
}
