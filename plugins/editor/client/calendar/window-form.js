import { debounced } from '../api.js';
import { make, newId } from '../dom.js';
import { words } from '../words.js';
import { clashSentence } from './clash-words.js';
import { momentText } from './times.js';
import { whenFields, windowFields } from './window-fields.js';

const weekdays = [1, 2, 3, 4, 5, 6, 0];
const typedMs = 300;

/** A window before anybody has said anything about it. @param {string} zone @returns {CalendarWindow} */
export function newWindow(zone) {
  const when = { type: 'weekly', weekdays: [6], time: '22:00', duration: '4h', zone };
  return { id: '', kind: 'maintenance', reason: '', when };
}

/**
 * The form of a window, with when it would be open and what would clash beneath it.
 * @param {CalendarWindow} window
 * @param {{
 *   judge: (window: CalendarWindow) => Promise<CalendarJudgement>,
 *   save: (window: CalendarWindow) => Promise<void>,
 * }} on
 */
export function windowForm(window, { judge, save }) {
  const isNew = window.id === '';
  const id = textInput(window.id, { disabled: !isNew, pattern: '[a-z0-9][a-z0-9\\-]{0,39}', required: true });
  const name = textInput(window.name ?? '');
  const kind = select(['maintenance', 'blackout'], window.kind, 'kind');
  const reason = textInput(window.reason, { required: true });
  const enabled = checkbox(window.enabled !== false);
  const type = select(Object.keys(whenFields), window.when.type, 'when');
  const times = make('div');
  const more = windowFields.map((field) => moreInput(field, valueIn(window, field)));
  const preview = make('div', { class: 'virtflow-note', role: 'status' });
  const problem = make('div', { class: 'virtflow-note virtflow-error', role: 'alert' });
  const zones = make('datalist', { id: newId() }, ...zoneOptions());
  /** @type {{ name: string, read: () => unknown }[]} */
  let readers = [];
  let isNamed = !isNew;
  // What stays as it is, for the file of a window may hold what the form does not ask.
  const { when: oldWhen } = window;

  const details = make(
    'details',
    { open: more.some(({ isSet }) => isSet) },
    make('summary', {}, words('calendar.form.more')),
    ...more.map(({ row: made }) => made),
  );
  const element = make(
    'form',
    { class: 'dialog-form virtflow-form virtflow-window-form', autocomplete: 'off', novalidate: true },
    row('name', name),
    row('id', id, 'id'),
    row('kind', kind, 'kind'),
    row('reason', reason),
    row('when', type),
    times,
    details,
    switchRow('enabled', enabled),
    zones,
    problem,
    preview,
  );

  function drawTimes() {
    const fields = (whenFields[type.value] ?? []).map((field) =>
      timeField(field, type.value === oldWhen.type ? oldWhen : {}, zones.id),
    );
    readers = fields.map(({ name: field, read }) => ({ name: field, read }));
    times.replaceChildren(...fields.map(({ row: made }) => made));
  }

  /** @returns {CalendarWindow} */
  function read() {
    /** @type {CalendarWhen} */
    const when = { type: type.value };
    if (type.value === 'ical' && oldWhen.file) Object.assign(when, { file: oldWhen.file });
    for (const { name: field, read: value } of readers) {
      const found = value();
      if (found !== '' && !(field === 'text' && when.file)) Object.assign(when, { [field]: found });
    }
    /** @type {CalendarWindow} */
    const made = {
      id: id.value.trim(),
      kind: kind.value === 'blackout' ? 'blackout' : 'maintenance',
      reason: reason.value.trim(),
      when,
    };
    if (name.value.trim() !== '') made.name = name.value.trim();
    if (!enabled.checked) made.enabled = false;
    for (const { put } of more) put(made);
    return made;
  }

  const question = debounced(
    typedMs,
    () => judge({ ...read(), id: id.value.trim() || 'new', reason: reason.value.trim() || '-' }),
    showPreview,
    failed,
  );

  /** @param {CalendarJudgement} judged */
  function showPreview({ spans, conflicts }) {
    problem.textContent = '';
    const open = spans.map(({ from, until }) => make('li', {}, `${momentText(from)} – ${momentText(until)}`));
    const clashes = conflicts.map((conflict) =>
      make('li', { class: 'virtflow-calendar-conflict' }, clashSentence(conflict)),
    );
    preview.replaceChildren(
      words(open.length > 0 ? 'calendar.form.open' : 'calendar.form.never'),
      make('ul', {}, ...open),
      ...(clashes.length > 0 ? [words('calendar.form.clashes'), make('ul', {}, ...clashes)] : []),
    );
  }

  /** @param {unknown} thrown */
  function failed(thrown) {
    const { message, advice } = /** @type {Problem} */ (Object(thrown));
    problem.textContent = `${message} ${advice}`;
    preview.replaceChildren();
  }

  element.addEventListener('submit', (event) => event.preventDefault());
  element.addEventListener('input', ({ target }) => {
    if (target === id) isNamed = true;
    if (target === name && !isNamed) id.value = idFrom(name.value);
    question.ask(undefined);
  });
  type.addEventListener('change', drawTimes);
  drawTimes();
  question.ask(undefined);

  return {
    element,
    /** @returns {Promise<boolean>} whether it was saved */
    async save() {
      try {
        await save(read());
        return true;
      } catch (thrown) {
        failed(thrown);
        return false;
      }
    },
    stop: () => question.stop(),
  };
}

/** @param {string} name */
function idFrom(name) {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return plain.replace(/^-+|-+$/g, '').slice(0, 40);
}

function zoneOptions() {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')].map((value) => make('option', { value }));
}

/** @param {string} value @param {Record<string, string | number | boolean | undefined>} [attributes] */
function textInput(value, attributes = {}) {
  return make('input', { id: newId(), type: 'text', value, spellcheck: 'false', autocomplete: 'off', ...attributes });
}

/** @param {boolean} checked */
function checkbox(checked) {
  return make('input', { id: newId(), type: 'checkbox', checked });
}

/** @param {readonly string[]} options @param {string} chosen @param {string} what */
function select(options, chosen, what) {
  const made = options.map((value) =>
    make('option', { value, selected: value === chosen }, words(`calendar.form.${what}Is.${value || 'any'}`)),
  );
  return make('select', { id: newId() }, ...made);
}

/** @param {string} name @param {HTMLElement} input @param {string} [hint] @param {...HTMLElement} beside */
function row(name, input, hint, ...beside) {
  const note = newId();
  input.dataset.field = name;
  if (hint) input.setAttribute('aria-describedby', note);
  const label = make('label', { for: input.id }, words(`calendar.form.${name}`));
  const text = hint ? [make('div', { id: note, class: 'virtflow-note' }, words(`calendar.form.hint.${hint}`))] : [];
  return make(
    'div',
    { class: 'virtflow-row' },
    label,
    make('div', {}, make('div', { class: 'virtflow-controls' }, input, ...beside), ...text),
  );
}

/** @param {string} name @param {HTMLInputElement} input */
function switchRow(name, input) {
  input.dataset.field = name;
  const label = make('label', { class: 'virtflow-switch' }, input, words(`calendar.form.${name}`));
  return make('div', { class: 'virtflow-row' }, make('span'), make('div', { class: 'virtflow-controls' }, label));
}

/**
 * @param {string} name
 * @param {Partial<CalendarWhen>} when
 * @param {string} zones
 * @returns {{ name: string, row: HTMLElement, read: () => unknown }}
 */
function timeField(name, when, zones) {
  if (name === 'weekdays') return weekdaysField(when.weekdays ?? [6]);
  if (name === 'text') return icalField(when);
  const types = { from: 'datetime-local', until: 'datetime-local', time: 'time' };
  const initial = { time: '22:00', duration: '4h', days: 'last', expression: '0 22 * * 6' };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const value = Object.entries({ ...initial, zone, ...when }).find(([key]) => key === name)?.[1] ?? '';
  const kind = Object.entries(types).find(([key]) => key === name)?.[1] ?? 'text';
  const input = textInput(Array.isArray(value) ? value.join(', ') : String(value), {
    type: kind,
    list: name === 'zone' ? zones : undefined,
    class: name === 'duration' ? 'virtflow-short' : undefined,
  });
  const read = () => (name === 'days' ? daysIn(input.value) : input.value.trim());
  return { name, row: row(name, input, ['duration', 'days', 'expression'].includes(name) ? name : undefined), read };
}

/** @param {string} text */
function daysIn(text) {
  return text.split(',').map((day) => (day.trim() === 'last' ? 'last' : Number(day)));
}

/** @param {readonly number[]} chosen */
function weekdaysField(chosen) {
  const format = new Intl.DateTimeFormat(RED.i18n.lang() || undefined, { weekday: 'short', timeZone: 'UTC' });
  // The 4th of January 1970 was a Sunday.
  const boxes = weekdays.map((day) => ({
    day,
    input: checkbox(chosen.includes(day)),
    text: format.format((3 + day) * 86_400_000),
  }));
  const labels = boxes.map(({ input, text }) => make('label', { class: 'virtflow-switch' }, input, text));
  const group = make(
    'div',
    { class: 'virtflow-controls', role: 'group', 'aria-label': words('calendar.form.weekdays') },
    ...labels,
  );
  const made = make('div', { class: 'virtflow-row' }, make('label', {}, words('calendar.form.weekdays')), group);
  return { name: 'weekdays', row: made, read: () => boxes.filter(({ input }) => input.checked).map(({ day }) => day) };
}

/** A calendar of somebody else, from a file or as its text. @param {Partial<CalendarWhen>} when */
function icalField({ text = '', file }) {
  const area = make('textarea', {
    id: newId(),
    rows: 6,
    spellcheck: 'false',
    placeholder: file ?? 'BEGIN:VCALENDAR',
    class: 'virtflow-mono',
  });
  area.value = text;
  const pick = make('input', { type: 'file', accept: '.ics,text/calendar', 'aria-label': words('calendar.form.file') });
  pick.addEventListener('change', async () => {
    const [chosen] = pick.files ?? [];
    if (!chosen) return;
    area.value = await chosen.text();
    area.dispatchEvent(new Event('input', { bubbles: true }));
  });
  return { name: 'text', row: row('text', area, 'text', pick), read: () => area.value.trim() };
}

/**
 * @param {CalendarWindow} window
 * @param {{ name: string, of?: string, initial?: boolean }} field
 */
function valueIn(window, { name, of }) {
  const holder = of === undefined ? window : Object(window[of]);
  return holder[name];
}

/**
 * What only some windows have.
 * @param {(typeof windowFields)[number]} field
 * @param {unknown} value
 * @returns {{ row: HTMLElement, isSet: boolean, put: (window: CalendarWindow) => void }}
 */
function moreInput(field, value) {
  const { name } = field;
  const of = 'of' in field ? field.of : undefined;
  /** @param {CalendarWindow} window @param {unknown} found */
  const put = (window, found) => {
    if (of === undefined) Object.assign(window, { [name]: found });
    else window[of] = { ...Object(window[of]), [name]: found };
  };
  const word = of === undefined ? name : `${of}-${name}`;
  if (field.kind === 'check') {
    const initial = 'initial' in field;
    const input = checkbox(value === undefined ? initial : value === true);
    return {
      row: switchRow(word, input),
      isSet: input.checked !== initial,
      put: (window) => input.checked !== initial && put(window, input.checked),
    };
  }
  if (field.kind === 'choice') {
    const input = select(field.options, String(value ?? field.options[0]), name === 'kind' ? 'objects' : name);
    return {
      row: row(word, input),
      isSet: input.value !== field.options[0],
      put: (window) => input.value !== field.options[0] && put(window, input.value),
    };
  }
  const input = textInput(Array.isArray(value) ? value.join(', ') : String(value ?? ''));
  const hint = ['actions', 'schedules', 'atEnd-run', 'targets-selector'].includes(word) ? word : undefined;
  const parts = () => input.value.split(/[\s,]+/).filter(Boolean);
  const found = () => (field.kind === 'list' ? parts() : input.value.trim());
  return {
    row: row(word, input, hint),
    isSet: input.value !== '',
    put: (window) => input.value.trim() !== '' && put(window, found()),
  };
}
