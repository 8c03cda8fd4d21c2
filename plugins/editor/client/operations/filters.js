import { liveStates, pastStates } from './states.js';

/** @type {Readonly<OperationFilter>} */
export const noFilter = {
  text: '',
  states: [],
  action: '',
  connection: '',
  object: null,
  scope: 'all',
  range: '',
  from: '',
  to: '',
  mine: false,
  plans: true,
  quiet: false,
};

const rangeHours = { '1h': 1, '24h': 24, '7d': 168 };

/** Each user of this browser has a filter of their own. @returns {OperationFilter} */
export function rememberedFilter() {
  try {
    const found = JSON.parse(localStorage.getItem(keyOfUser()) ?? '{}');
    return { ...noFilter, ...found, scope: 'all' };
  } catch {
    return { ...noFilter };
  }
}

/** @param {OperationFilter} filter */
export function rememberFilter(filter) {
  localStorage.setItem(keyOfUser(), JSON.stringify(filter));
}

function keyOfUser() {
  return `virtflow-operations:${RED.settings.user?.username ?? ''}`;
}

/** Whether single operations are looked for: then the members of groups are found as well. @param {OperationFilter} filter */
export function isNarrow({ text, states, action, object }) {
  return text.trim() !== '' || states.length > 0 || action !== '' || object !== null;
}

/** The names of what differs from no filter at all. @param {OperationFilter} filter @returns {(keyof OperationFilter)[]} */
export function activeFilters(filter) {
  const all = /** @type {(keyof OperationFilter)[]} */ (Object.keys(noFilter));
  return all.filter((name) => {
    if (name === 'from' || name === 'to') return false;
    const value = filter[name];
    return Array.isArray(value) ? value.length > 0 : value !== noFilter[name];
  });
}

/**
 * As REST takes it; undefined where no state of `among` is asked for.
 * @param {OperationFilter} filter
 * @param {readonly OperationState[]} among
 * @param {CanvasPlace} place
 * @param {string} me
 */
export function queryOf(filter, among, place, me) {
  const states = filter.states.length === 0 ? among : among.filter((state) => filter.states.includes(state));
  if (states.length === 0) return undefined;
  const { text, action, connection, object, scope } = filter;
  const { since, before } = timesOf(filter);
  const asked = {
    state: states.join(','),
    text: text.trim(),
    action,
    connection,
    object: object?.ref ?? '',
    flow: scope === 'flow' ? place.flow : '',
    node: scope === 'node' ? place.node : '',
    since,
    before,
    principal: filter.mine ? me : '',
    mode: filter.plans ? '' : 'run',
    quiet: filter.quiet ? '' : 'false',
    members: isNarrow(filter) ? '' : 'false',
  };
  return new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ''));
}

/** @param {OperationFilter} filter */
function timesOf({ range, from, to }) {
  if (range === '') return { since: '', before: '' };
  if (range !== 'custom') return { since: String(Date.now() - rangeHours[range] * 3_600_000), before: '' };
  return { since: millisecondsOf(from), before: millisecondsOf(to) };
}

/** @param {string} local */
function millisecondsOf(local) {
  const at = Date.parse(local);
  return Number.isNaN(at) ? '' : String(at);
}

/**
 * Whether an operation that was just heard of belongs into the list. What it touches beside its target, it does not say:
 * by an object only REST can choose.
 * @param {OperationFilter} filter
 * @param {OperationSummary} operation
 * @param {CanvasPlace} place
 * @param {string} me
 */
export function isWanted(filter, operation, place, me) {
  const { target, origin, action, mode, state, quiet, parent, queuedAt } = operation;
  const { since, before } = timesOf(filter);
  return (
    (filter.states.length === 0 || filter.states.includes(state)) &&
    saysWords(operation, filter.text) &&
    (filter.action === '' || filter.action === action) &&
    (filter.connection === '' || filter.connection === target.connection) &&
    (filter.scope !== 'flow' || origin.flow === place.flow) &&
    (filter.scope !== 'node' || origin.node === place.node) &&
    (!filter.mine || origin.principal === me) &&
    (filter.plans || mode !== 'plan') &&
    (filter.quiet || quiet !== true) &&
    (isNarrow(filter) || parent === undefined) &&
    (since === '' || queuedAt >= Number(since)) &&
    (before === '' || queuedAt < Number(before))
  );
}

/**
 * As the store looks for words.
 * @param {OperationSummary} operation
 * @param {string} text
 */
function saysWords({ action, targetName, target, origin, error }, text) {
  const said = [action, targetName, target.connection, origin.principal, error?.code ?? ''].join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

/** States that can be chosen, in the order of a life. */
export const choosableStates = [...liveStates.filter((state) => state !== 'interrupted'), ...pastStates];
