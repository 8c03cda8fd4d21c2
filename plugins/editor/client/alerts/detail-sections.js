import { icon, make } from '../dom.js';
import { keptButton, sectionTitle } from '../operations/sections.js';
import { longTime } from '../operations/spoken.js';
import { words } from '../words.js';
import { severityIcons, severityName, stateName, titleOf } from './spoken.js';

/** @typedef {ReturnType<typeof import('../operations/sections.js').sections>} Sections */

/** What of a reason is told elsewhere. */
const toldElsewhere = new Set(['says', 'samples', 'rule']);
/** What names of moments end with. */
const moment = /(?:^at|At|Since)$/;

/**
 * How it stands, in a sentence.
 * @param {Sections} parts
 * @param {AlertDetail} alert
 */
export function sentenceSection(parts, alert) {
  const { severity, state, why, ongoing, since, endedAt, suppressed, acknowledged } = alert;
  parts.show('sentence', [severity, state, why.says, endedAt, suppressed, acknowledged], () => [
    make(
      'p',
      { class: `virtflow-sentence virtflow-severity-${severity}` },
      icon(`fa-fw ${ongoing ? severityIcons[severity] : 'fa-check'} virtflow-state`),
      make(
        'span',
        {},
        `${severityName(alert)}, ${stateName(alert)}. ${why.says}`,
        make('br'),
        endedAt === null
          ? words('alerts.since', { time: longTime(since) })
          : words('alerts.lasted', { from: longTime(since), to: longTime(endedAt) }),
      ),
    ),
    ...(suppressed
      ? [
          noteLine(
            'fa-bell-slash-o',
            words('alerts.notTold'),
            suppressed.says ?? words(`alerts.quiet.${suppressed.by}`),
          ),
        ]
      : []),
    ...(acknowledged
      ? [noteLine('fa-check-square-o', words('alerts.takenBy', { by: acknowledged.by }), acknowledged.comment)]
      : []),
  ]);
}

/**
 * What else there is to know of an alert, part by part.
 * @param {Sections} parts
 * @param {AlertDetail} alert
 * @param {readonly AlertNotification[]} told
 * @param {{ show: (id: string) => void, find: (id: string) => AlertSummary | undefined }} ways
 */
export function detailSections(parts, alert, told, ways) {
  const { why, value, history, routes } = alert;
  parts.show('why', [why, value], () => reasonsView(alert));
  incidentSection(parts, alert, ways);
  parts.show('told', [told, routes], () => [
    ...listOf('alerts.told', told.map(toldLine)),
    ...listOf('alerts.routes', routes.taken),
    ...listOf('alerts.passed', routes.passed),
  ]);
  parts.show('history', history, () => listOf('alerts.history', history.map(historyLine)));
}

/** @param {AlertDetail} alert */
function reasonsView({ why, rule }) {
  const about = Object.entries(why).filter(([name, of]) => !toldElsewhere.has(name) && saysSomething(of));
  const samples = (why.samples ?? []).map(({ at, value }) => make('li', {}, `${longTime(at)}: ${value}`));
  return [
    sectionTitle(words('alerts.why')),
    make(
      'dl',
      { class: 'virtflow-facts' },
      ...[['rule', rule], ...about].flatMap(([name, of]) => [
        make('dt', {}, words(`alerts.fact.${name}`, { defaultValue: String(name) })),
        make('dd', {}, factText(String(name), of)),
      ]),
    ),
    ...(samples.length > 0
      ? [
          make(
            'details',
            {},
            make('summary', { 'data-focus': 'samples' }, words('alerts.samples', { count: samples.length })),
            make('ul', { class: 'virtflow-plain' }, ...samples),
          ),
        ]
      : []),
  ];
}

/**
 * @param {Sections} parts
 * @param {AlertDetail} alert
 * @param {{ show: (id: string) => void, find: (id: string) => AlertSummary | undefined }} ways
 */
function incidentSection(parts, { id, incident, affected, above }, { show, find }) {
  const root = incident === id ? undefined : find(incident);
  parts.show('incident', [incident, root?.ruleName, affected, above], () => [
    ...(root
      ? [
          sectionTitle(words('alerts.partOf')),
          keptButton('incident', titleOf(root), () => show(root.id), { class: 'virtflow-link' }),
        ]
      : []),
    ...listOf(
      'alerts.affected',
      affected.map(({ name }) => name),
    ),
    ...listOf(
      'alerts.above',
      above.map(({ kind, name }) => `${words(`operations.kind.${kind}`)} ${name}`),
    ),
  ]);
}

/** @param {unknown} value */
function saysSomething(value) {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null;
}

/** @param {string} name @param {unknown} value @returns {string} */
function factText(name, value) {
  if (Array.isArray(value)) return value.map((one) => factText(name, one)).join(', ');
  const shown = momentShown(name, value);
  return typeof shown === 'object' ? JSON.stringify(shown, momentShown) : String(shown);
}

/** @param {string} name @param {unknown} value */
function momentShown(name, value) {
  return typeof value === 'number' && moment.test(name) ? longTime(value) : value;
}

/** @param {string} symbol @param {string} what @param {string} says */
function noteLine(symbol, what, says) {
  return make(
    'p',
    { class: 'virtflow-sentence' },
    icon(`fa-fw ${symbol}`),
    make('span', {}, says === '' ? what : `${what}: ${says}`),
  );
}

/** @param {AlertDetail['history'][number]} entry */
function historyLine({ at, what, says }) {
  return `${longTime(at)} · ${words(`alerts.what.${what}`)}: ${says}`;
}

/** @param {AlertNotification} notification */
function toldLine({ at, endedAt, contact, kind, state, says }) {
  return `${longTime(endedAt ?? at)} · ${contact} (${words(`alerts.kind.${kind}`)}): ${words(`alerts.became.${state}`)}${says === '' ? '' : `, ${says}`}`;
}

/** Nothing where there is nothing to list. @param {string} key @param {readonly string[]} lines */
function listOf(key, lines) {
  if (lines.length === 0) return [];
  return [
    sectionTitle(words(key)),
    make('ul', { class: 'virtflow-plain' }, ...lines.map((line) => make('li', {}, line))),
  ];
}
