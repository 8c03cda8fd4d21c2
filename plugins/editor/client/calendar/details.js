import { icon, make, newId } from '../dom.js';
import { words } from '../words.js';
import { clashSentence } from './clash-words.js';
import { aboutOf, entryIcons, stateOf } from './entry-words.js';
import { localInput, momentText } from './times.js';

/**
 * What is known of one entry, and what can be done about it.
 * @param {{
 *   closed: () => void,
 *   show: (schedule: string) => void,
 *   edit: (schedule: string) => void,
 *   run: (schedule: string) => void,
 *   enable: (schedule: string, enabled: boolean) => void,
 *   move: (entry: CalendarEntry, at: number) => void,
 *   showRun: (run: string) => void,
 *   editWindow: (id: string) => void,
 *   override: (id: string, reason: string, minutes: number) => void,
 *   endOverride: (id: string) => void,
 *   removeWindow: (id: string) => void,
 * }} on
 */
export function calendarDetails(on) {
  const title = make('h3', { tabindex: -1 });
  const close = make(
    'button',
    { type: 'button', class: 'virtflow-close', 'aria-label': words('calendar.close') },
    icon('fa-times'),
  );
  const body = make('div', { class: 'virtflow-calendar-facts' });
  const element = make(
    'section',
    { class: 'virtflow-calendar-details', 'aria-label': words('calendar.details'), hidden: true },
    make('header', {}, title, close),
    body,
  );
  close.addEventListener('click', on.closed);
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    on.closed();
  });
  let shown = '';

  /** @param {CalendarEntry} entry @param {CalendarSchedule | undefined} schedule */
  function scheduleButtons(entry, schedule) {
    if (entry.kind !== 'run') return [];
    const { schedule: id, flow, run } = entry;
    const buttons = [
      ...(run === undefined ? [] : [button('showRun', () => on.showRun(run))]),
      ...(flow === null ? [] : [button('show', () => on.show(id)), button('edit', () => on.edit(id))]),
    ];
    if (!schedule || !RED.user.hasPermission('virtflow.operate')) return buttons;
    const { enabled } = schedule;
    const word = enabled ? 'disable' : 'enable';
    return [...buttons, button('run', () => on.run(id)), button(word, () => on.enable(id, !enabled))];
  }

  /** @param {CalendarEntry} entry @param {CalendarWindowState | undefined} state */
  function windowButtons(entry, state) {
    if (entry.kind !== 'window' || !state) return [];
    let isSure = false;
    const remove = button('remove', () => {
      if (isSure) return on.removeWindow(entry.id);
      isSure = true;
      remove.replaceChildren(words('calendar.reallyRemove'));
      remove.classList.add('virtflow-danger');
    });
    return [button('editWindow', () => on.editWindow(entry.id)), remove];
  }

  /** In an emergency. @param {CalendarEntry} entry @param {CalendarWindowState | undefined} state */
  function overrider(entry, state) {
    if (entry.kind !== 'window' || !state || !RED.user.hasPermission('virtflow.override')) return [];
    if (state.override) return [button('endOverride', () => on.endOverride(entry.id))];
    const reason = make('input', { id: newId(), type: 'text', maxlength: 500, required: true, autocomplete: 'off' });
    const minutes = make('input', {
      id: newId(),
      type: 'number',
      min: 1,
      max: 1_440,
      step: 1,
      value: 60,
      required: true,
    });
    const form = make(
      'form',
      {},
      make('label', { for: reason.id }, words('calendar.form.reason')),
      reason,
      make('label', { for: minutes.id }, words('calendar.overrideMinutes')),
      minutes,
      make(
        'button',
        { class: 'virtflow-button virtflow-danger', 'data-do': 'override' },
        words('calendar.do.override'),
      ),
    );
    // The browser says what is missing, at its place.
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      // What is being typed is not drawn anew.
      title.focus();
      on.override(entry.id, reason.value.trim(), minutes.valueAsNumber);
    });
    const hint = make('p', { class: 'virtflow-muted' }, words('calendar.overrideHint'));
    return [make('details', {}, make('summary', {}, words('calendar.override')), hint, form)];
  }

  /** Moves it without a pointer. @param {CalendarEntry} entry */
  function mover(entry) {
    if (entry.kind === 'run' && entry.isPast) return [];
    const id = newId();
    const input = make('input', { id, type: 'datetime-local', value: localInput(entry.at), step: 60 });
    const move = button('move', () => {
      const at = new Date(input.value).getTime();
      if (!Number.isNaN(at) && at !== entry.at) on.move(entry, at);
    });
    const hint = make(
      'p',
      { class: 'virtflow-muted' },
      words(entry.kind === 'run' ? 'calendar.moveHint' : 'calendar.moveWindowHint'),
    );
    return [
      make('div', { class: 'virtflow-calendar-move' }, make('label', { for: id }, words('calendar.to')), input, move),
      hint,
    ];
  }

  return {
    element,
    get key() {
      return shown;
    },
    /**
     * @param {CalendarEntry} entry
     * @param {{ schedule?: CalendarSchedule | undefined, window?: CalendarWindowState | undefined, conflicts: CalendarConflict[] }} about
     */
    open(entry, { schedule, window, conflicts }) {
      const isOther = shown !== entry.key;
      const hadFocus = body.contains(document.activeElement);
      // What is being typed is not taken away.
      if (!isOther && hadFocus && document.activeElement instanceof HTMLInputElement) return;
      shown = entry.key;
      element.hidden = false;
      title.replaceChildren(icon(`fa-fw ${entryIcons[stateOf(entry)]}`), ` ${entry.name}`);
      const when =
        entry.kind === 'window' ? `${momentText(entry.from)} – ${momentText(entry.until)}` : momentText(entry.at);
      const disabled = schedule?.enabled === false ? [make('p', {}, words('calendar.isDisabled'))] : [];
      const override = window?.override;
      const overridden = override
        ? [make('p', {}, words('calendar.overridden', { by: override.by, until: momentText(override.until) }))]
        : [];
      body.replaceChildren(
        make('p', {}, when),
        make('p', {}, aboutOf(entry)),
        ...disabled,
        ...overridden,
        ...conflicts.map((conflict) =>
          make(
            'p',
            { class: 'virtflow-calendar-conflict' },
            icon('fa-exclamation-triangle'),
            ` ${clashSentence(conflict)}`,
          ),
        ),
        make(
          'div',
          { class: 'virtflow-buttons' },
          ...scheduleButtons(entry, schedule),
          ...windowButtons(entry, window),
        ),
        ...mover(entry),
        ...overrider(entry, window),
      );
      if (isOther) title.focus();
      else if (hadFocus) body.querySelector('button')?.focus();
    },
    close() {
      shown = '';
      element.hidden = true;
    },
  };
}

/** @param {string} name @param {() => void} pressed */
function button(name, pressed) {
  const made = make(
    'button',
    { type: 'button', class: 'virtflow-button', 'data-do': name },
    words(`calendar.do.${name}`),
  );
  made.addEventListener('click', pressed);
  return made;
}
