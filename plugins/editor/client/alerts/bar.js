import { icon, make, newId } from '../dom.js';
import { words } from '../words.js';
import { noFilter } from './filters.js';
import { severities, severityIcons } from './spoken.js';

/**
 * What the list is narrowed by, and the way to contacts and silences.
 * @param {() => AlertFilter} current
 * @param {(next: AlertFilter) => void} choose
 * @param {(isOpen: boolean) => void} people
 */
export function alertBar(current, choose, people) {
  const search = make('input', {
    type: 'search',
    'aria-label': words('alerts.search'),
    placeholder: words('alerts.search'),
    autocomplete: 'off',
  });
  const peopleButton = make(
    'button',
    { type: 'button', class: 'virtflow-button', 'aria-expanded': 'false' },
    icon('fa-address-book-o'),
    words('alerts.people'),
  );
  const chips = severities.map((severity) => {
    const chip = make(
      'button',
      { type: 'button', class: `virtflow-state-chip virtflow-severity-${severity}` },
      icon(`fa-fw ${severityIcons[severity]} virtflow-state`),
      ` ${words(`alerts.severity.${severity}`)}`,
    );
    chip.addEventListener('click', () => {
      const { severities: chosen } = current();
      const next = chosen.includes(severity) ? chosen.filter((one) => one !== severity) : [...chosen, severity];
      change({ severities: next });
    });
    return { chip, severity };
  });
  const over = toggle('alerts.showOver', (isOn) => change({ over: isOn }));
  const quiet = toggle('alerts.showQuiet', (isOn) => change({ quiet: isOn }));
  const element = make(
    'div',
    { class: 'virtflow-filters', role: 'search' },
    make('div', { class: 'virtflow-search' }, search, peopleButton),
    make('div', { class: 'virtflow-state-chips' }, ...chips.map(({ chip }) => chip)),
    make('div', { class: 'virtflow-switches' }, over.element, quiet.element),
  );
  let isOpen = false;

  /** @param {Partial<AlertFilter>} part */
  function change(part) {
    choose({ ...current(), ...part });
    draw();
  }

  function draw() {
    const { text, severities: chosen, over: showsOver, quiet: showsQuiet } = current();
    if (search.value !== text) search.value = text;
    for (const { chip, severity } of chips) chip.setAttribute('aria-pressed', String(chosen.includes(severity)));
    over.input.checked = showsOver;
    quiet.input.checked = showsQuiet;
  }

  search.addEventListener('input', () => change({ text: search.value }));
  peopleButton.addEventListener('click', () => {
    isOpen = !isOpen;
    peopleButton.setAttribute('aria-expanded', String(isOpen));
    people(isOpen);
  });
  draw();
  return {
    element,
    clear() {
      change({ ...noFilter, over: current().over });
      search.focus();
    },
  };
}

/** @param {string} key @param {(isOn: boolean) => void} changed */
function toggle(key, changed) {
  const input = make('input', { type: 'checkbox', id: newId() });
  input.addEventListener('change', () => changed(input.checked));
  return { input, element: make('label', { class: 'virtflow-switch', for: input.id }, input, words(key)) };
}
