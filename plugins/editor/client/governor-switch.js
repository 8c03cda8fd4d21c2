import { icon, make, newId } from './dom.js';
import { words } from './words.js';

/**
 * The kill switch: who threw it, or a button that asks for a reason first.
 * @param {(path: string, values: Record<string, unknown>) => Promise<void>} change
 */
export function governorSwitch(change) {
  const element = make('section', { class: 'virtflow-governor-switch', 'aria-label': words('governor.kill.title') });
  let shown = '';

  /** @param {GovernorAnswer['state']['killed']} killed */
  function show(killed) {
    const key = JSON.stringify(killed);
    if (key === shown) return;
    shown = key;
    element.classList.toggle('virtflow-governor-killed', killed !== null);
    element.replaceChildren(...(killed ? stopped(killed) : atRest()));
  }

  /** @param {NonNullable<GovernorAnswer['state']['killed']>} killed */
  function stopped({ by, reason, at }) {
    const text = words('governor.kill.killed', { by, reason, at: new Date(at).toLocaleString(RED.i18n.lang()) });
    const release = governorButton('fa-play', words('governor.kill.release'), () => change('release', {}));
    release.disabled = !RED.user.hasPermission('virtflow.govern');
    return [make('p', { role: 'alert' }, icon('fa-hand-paper-o'), ' ', text), release];
  }

  function atRest() {
    const begin = governorButton('fa-hand-paper-o', words('governor.kill.throw'), () => ask());
    begin.classList.add('virtflow-governor-danger');
    begin.disabled = !RED.user.hasPermission('virtflow.kill');
    return [make('p', {}, words('governor.kill.explain')), begin];
  }

  function ask() {
    const reason = make('input', { id: newId(), type: 'text', maxlength: 200, required: true, autocomplete: 'off' });
    const running = make('input', { type: 'checkbox' });
    const note = make('div', { class: 'virtflow-note', role: 'status' });
    const confirm = governorButton('fa-hand-paper-o', words('governor.kill.confirm'), () => {
      if (reason.value.trim() === '') {
        note.textContent = words('governor.kill.needed');
        reason.focus();
        return undefined;
      }
      return change('kill', { reason: reason.value, cancelRunning: running.checked });
    });
    confirm.classList.add('virtflow-governor-danger');
    const back = governorButton('fa-times', words('governor.kill.cancel'), () => {
      element.replaceChildren(...atRest());
      element.querySelector('button')?.focus();
    });
    reason.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      confirm.click();
    });
    element.replaceChildren(
      make('label', { for: reason.id }, words('governor.kill.reason')),
      reason,
      make('label', { class: 'virtflow-switch' }, running, words('governor.kill.cancelRunning')),
      make('div', { class: 'virtflow-governor-buttons' }, confirm, back),
      note,
    );
    reason.focus();
  }

  return { element, show };
}

/**
 * A button that rests while what it began goes on.
 * @param {string} symbol
 * @param {string} text
 * @param {() => Promise<void> | void} run
 */
export function governorButton(symbol, text, run) {
  const button = make('button', { type: 'button', class: 'red-ui-button' }, icon(symbol), ` ${text}`);
  button.addEventListener('click', async () => {
    button.disabled = true;
    await run();
    button.disabled = false;
  });
  return button;
}
