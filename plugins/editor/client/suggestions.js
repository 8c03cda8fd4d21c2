import { ask } from './api.js';
import { make, newId } from './dom.js';

/** Fields that rules are most often made for; any other may be typed. */
const metricFields = [
  'cpu_ratio',
  'memory_used_ratio',
  'memory_used_bytes',
  'steal_ratio',
  'read_bytes_per_second',
  'write_bytes_per_second',
  'read_latency_seconds',
  'write_latency_seconds',
  'receive_bytes_per_second',
  'transmit_bytes_per_second',
  'used_ratio',
  'used_bytes',
  'full_in_seconds',
];

/**
 * Offers time zones, metric fields and contacts where they are asked for.
 * @param {HTMLElement} form
 */
export function offerSuggestions(form) {
  offer(form, 'time-zone', () => ['UTC', ...Intl.supportedValuesOf('timeZone')]);
  offer(form, 'metric-field', () => metricFields);
  offerContacts(form);
  for (const input of form.querySelectorAll('input[data-virtflow-input="time-zone"]')) {
    if (input instanceof HTMLInputElement && input.value === '') {
      input.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
    }
  }
}

/**
 * @param {HTMLElement} form
 * @param {string} kind
 * @param {() => string[]} values
 */
function offer(form, kind, values) {
  const inputs = form.querySelectorAll(`input[data-virtflow-input="${kind}"]`);
  if (inputs.length === 0) return;
  const id = newId();
  form.append(make('datalist', { id }, ...values().map((value) => make('option', { value }))));
  for (const input of inputs) input.setAttribute('list', id);
}

/** @param {HTMLElement} form */
function offerContacts(form) {
  if (!form.querySelector('input[data-virtflow-input="contact"]')) return;
  ask('GET', 'contacts', {}).then(
    (answer) => {
      const contacts = /** @type {{ name: string }[]} */ (answer);
      offer(form, 'contact', () => contacts.map(({ name }) => name));
    },
    // A name may be typed all the same.
    () => undefined,
  );
}
