/** What the page says, in the languages that there are. */
const english = {
  dashboard: 'Dashboard',
  skip: 'Skip to the panels',
  links: 'Links of this dashboard',
  range: 'Range',
  live: 'Live (15 min)',
  'now-1h': 'Last hour',
  'now-6h': 'Last 6 hours',
  'now-24h': 'Last 24 hours',
  'now-7d': 'Last 7 days',
  'now-30d': 'Last 30 days',
  free: 'Free …',
  earlier: 'Earlier',
  later: 'Later',
  zoomOut: 'Zoom out',
  zoomOutHint: 'Twice the range (Ctrl+Z)',
  refresh: 'Refresh',
  refreshNow: 'Refresh now',
  refreshHint: 'Ask again (R)',
  off: 'Off',
  asTheyCome: 'As figures come',
  theme: 'Dark or light',
  themeHint: 'Dark or light (T)',
  from: 'From',
  to: 'to',
  show: 'Show',
  variables: 'Variables',
  token: 'API token',
  use: 'Use',
  logIn: 'Log in to the editor, or give an API token.',
  noDashboards: 'There are no dashboards.',
  backwards: 'The range ends before it begins.',
  all: 'All',
  chosen: '{count} chosen',
  annotations: 'Annotations',
  noMarks: 'None in this range',
  notes: 'Notes',
  notDrawn: 'Not drawn here: {what}',
  grafanaAlone: 'A panel of type {type} is drawn by Grafana alone.',
  noData: 'No data in this range',
  menuOf: 'Menu of {panel}',
  csv: 'CSV',
  png: 'PNG',
  asTable: 'Figures as a table',
  asPicture: 'As a picture again',
  row: 'Row',
  series: 'Series',
  name: 'Name',
  time: 'Time',
  table: 'Table',
  which: 'Table shown',
  bars: 'Bars',
  text: 'Text',
  states: 'States of {names}',
  since: '{name}: {state} since {at}',
  howMany: '{panel}: how many of {count} at which value',
  count: '{low} to {high}: {count}',
  more: '{count} more; all are in the CSV',
  linksHere: 'Links of this point',
  last: 'Last',
  min: 'Min',
  max: 'Max',
  mean: 'Mean',
  total: 'Total',
  years: 'years',
  weeks: 'weeks',
  days: 'days',
  hours: 'hours',
  mins: 'mins',
  ago: '{span} ago',
  yes: 'Yes',
  no: 'No',
};

/** @type {Record<keyof typeof english, string>} */
const german = {
  dashboard: 'Dashboard',
  skip: 'Zu den Feldern springen',
  links: 'Verweise dieses Dashboards',
  range: 'Zeitraum',
  live: 'Live (15 min)',
  'now-1h': 'Letzte Stunde',
  'now-6h': 'Letzte 6 Stunden',
  'now-24h': 'Letzte 24 Stunden',
  'now-7d': 'Letzte 7 Tage',
  'now-30d': 'Letzte 30 Tage',
  free: 'Frei …',
  earlier: 'Früher',
  later: 'Später',
  zoomOut: 'Herauszoomen',
  zoomOutHint: 'Doppelter Zeitraum (Strg+Z)',
  refresh: 'Neu laden',
  refreshNow: 'Jetzt neu laden',
  refreshHint: 'Erneut fragen (R)',
  off: 'Nie',
  asTheyCome: 'Wenn Werte kommen',
  theme: 'Dunkel oder hell',
  themeHint: 'Dunkel oder hell (T)',
  from: 'Von',
  to: 'bis',
  show: 'Anzeigen',
  variables: 'Variablen',
  token: 'API-Token',
  use: 'Verwenden',
  logIn: 'Melden Sie sich im Editor an, oder geben Sie ein API-Token an.',
  noDashboards: 'Es gibt keine Dashboards.',
  backwards: 'Der Zeitraum endet, bevor er beginnt.',
  all: 'Alle',
  chosen: '{count} gewählt',
  annotations: 'Anmerkungen',
  noMarks: 'Keine in diesem Zeitraum',
  notes: 'Hinweise',
  notDrawn: 'Hier nicht gezeichnet: {what}',
  grafanaAlone: 'Ein Feld vom Typ {type} zeichnet nur Grafana.',
  noData: 'Keine Werte in diesem Zeitraum',
  menuOf: 'Menü von {panel}',
  csv: 'CSV',
  png: 'PNG',
  asTable: 'Werte als Tabelle',
  asPicture: 'Wieder als Bild',
  row: 'Zeile',
  series: 'Reihen',
  name: 'Name',
  time: 'Zeit',
  table: 'Tabelle',
  which: 'Gezeigte Tabelle',
  bars: 'Balken',
  text: 'Text',
  states: 'Zustände von {names}',
  since: '{name}: {state} seit {at}',
  howMany: '{panel}: wie viele von {count} bei welchem Wert',
  count: '{low} bis {high}: {count}',
  more: '{count} weitere; alle stehen in der CSV-Datei',
  linksHere: 'Verweise dieses Punkts',
  last: 'Letzter',
  min: 'Min',
  max: 'Max',
  mean: 'Mittel',
  total: 'Summe',
  years: 'Jahre',
  weeks: 'Wochen',
  days: 'Tage',
  hours: 'Stunden',
  mins: 'min',
  ago: 'vor {span}',
  yes: 'Ja',
  no: 'Nein',
};

/** As the editor was set, or as the browser is. */
function chosenLanguage() {
  const wanted = localStorage.getItem('editor-language') || navigator.languages[0] || 'en-US';
  return wanted.split('-')[0] === 'de' ? wanted : wanted.startsWith('en') ? wanted : 'en-US';
}

export const language = chosenLanguage();
export const isGerman = language.startsWith('de');
const words = isGerman ? german : english;

/**
 * A word or sentence in the language of whoever looks.
 * @param {keyof typeof english} key
 * @param {Record<string, string | number>} [values] for what stands in braces
 */
export function word(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/** Texts and labels of the page itself, named in its attributes. */
export function translatePage() {
  document.documentElement.lang = language;
  for (const made of document.querySelectorAll('[data-word]')) made.textContent = word(made.dataset.word);
  for (const made of document.querySelectorAll('[data-label]'))
    made.setAttribute('aria-label', word(made.dataset.label));
  for (const made of document.querySelectorAll('[data-hint]')) made.setAttribute('title', word(made.dataset.hint));
}

const numbers = new Map();

/** A number with so many digits behind the point, those that are there or all of them. */
export function number(value, digits, isFixed = false) {
  const key = isFixed ? -1 - digits : digits;
  const format =
    numbers.get(key) ??
    new Intl.NumberFormat(language, {
      maximumFractionDigits: digits,
      minimumFractionDigits: isFixed ? digits : 0,
      useGrouping: false,
    });
  numbers.set(key, format);
  return format.format(value);
}

export function moment(at) {
  return new Date(at).toLocaleString(language);
}
