import { words } from './words.js';

/** @type {GovernorField[]} */
const governorNames = [
  { name: 'id', kind: 'text' },
  { name: 'name', kind: 'text' },
];
/** @type {GovernorField} */
const governorActions = { name: 'actions', kind: 'list', initial: ['vm.*'] };
/** @type {GovernorField[]} */
const governorPlace = [
  { name: 'connection', kind: 'text' },
  { name: 'selector', kind: 'text' },
];
/** @type {GovernorField} */
const governorExempt = { name: 'exemptUndo', kind: 'check', initial: true };
/** @type {GovernorField} */
const governorExceed = { name: 'onExceed', kind: 'choice', options: ['refuse', 'wait'] };

/** @param {...string} options @returns {GovernorField} */
function governorPer(...options) {
  return { name: 'per', kind: 'choice', options };
}

/** @param {string} name @param {string} initial @returns {GovernorField} */
function governorSpan(name, initial) {
  return { name, kind: 'span', initial };
}

const governorEach = governorPer('all', 'connection', 'pool', 'host', 'object', 'flow', 'principal', 'action');

/**
 * What each kind of rule has, in the order of its form.
 * @type {Record<string, GovernorField[]>}
 */
export const governorFields = {
  budget: [
    ...governorNames,
    governorActions,
    { name: 'amount', kind: 'amount', initial: 5 },
    governorSpan('window', '10m'),
    governorEach,
    ...governorPlace,
    governorExceed,
    governorExempt,
  ],
  share: [
    ...governorNames,
    { ...governorActions, initial: ['power-off', 'destructive'] },
    { name: 'amount', kind: 'amount', initial: 1 },
    governorPer('all', 'connection', 'pool', 'host'),
    ...governorPlace,
    governorExceed,
    governorExempt,
  ],
  coolDown: [
    ...governorNames,
    governorActions,
    governorSpan('for', '30s'),
    ...governorPlace,
    governorExceed,
    governorExempt,
  ],
  breaker: [
    ...governorNames,
    governorActions,
    { name: 'failures', kind: 'count', initial: 5 },
    governorSpan('window', '5m'),
    governorSpan('openFor', '1m'),
    governorEach,
    ...governorPlace,
    governorExempt,
  ],
  storm: [
    ...governorNames,
    { name: 'submissions', kind: 'count', initial: 1000 },
    governorSpan('window', '10s'),
    governorSpan('calmFor', '30s'),
    governorPer('all', 'flow', 'principal'),
    governorExempt,
  ],
  readOnly: [...governorNames, ...governorPlace],
  protect: [...governorNames, { ...governorActions, initial: ['destructive'] }, ...governorPlace],
};

/** The rules of a fresh installation, which are named in the user's language. */
const governorDefaults = ['deletes', 'force-offs', 'failing-flow', 'storm', 'read-only', 'no-flapping', 'production'];

/** @param {GovernorRule} rule */
export function governorName({ id, name }) {
  if (name !== undefined) return name;
  return governorDefaults.includes(id) ? words(`governor.name.${id}`) : id;
}

/**
 * A rule as a sentence in the user's language.
 * @param {GovernorRule} rule
 */
export function governorSentence(rule) {
  const { actions, limit, percent, per, connection, selector } = rule;
  return words(`governor.says.${rule.type}`, {
    ...rule,
    actions: Array.isArray(actions) ? actions.join(', ') : '',
    amount: percent === undefined ? limit : words('governor.says.percent', { percent }),
    per: per === undefined || per === 'all' ? '' : words('governor.says.per', { per: words(`governor.per.${per}`) }),
    where: [
      connection === undefined ? '' : words('governor.says.on', { connection }),
      selector === undefined ? '' : words('governor.says.where', { selector }),
    ].join(''),
  });
}

/**
 * A rule of a kind to begin with.
 * @param {string} type
 * @param {readonly GovernorRule[]} others
 * @returns {GovernorRule}
 */
export function newGovernorRule(type, others) {
  const base = type.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  let id = base;
  for (let count = 2; others.some((rule) => rule.id === id); count += 1) id = `${base}-${count}`;
  /** @type {GovernorRule} */
  const rule = { id, type };
  for (const { name, kind, initial } of governorFields[type] ?? []) {
    if (kind !== 'check' && initial !== undefined) rule[kind === 'amount' ? 'limit' : name] = initial;
  }
  return rule;
}
