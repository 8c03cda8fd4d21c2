import { make } from '../dom.js';
import { words } from '../words.js';
import { callsTable } from './calls.js';
import { originOnCanvas, showOnCanvas } from './canvas.js';
import { asJson, asMqttMessage, asRestCall, copy } from './copies.js';
import { keptButton, sectionTitle } from './sections.js';
import { isNotShown } from './sequels.js';
import { askerOf, durationOf, longTime, titleOf } from './spoken.js';

/**
 * @typedef {{ show: (id: string) => void, filter: (part: Partial<OperationFilter>) => void }} Ways
 */

/**
 * Draws what there is to know of an operation, part by part.
 * @param {ReturnType<typeof import('./sections.js').sections>} parts
 * @param {OperationDetail} operation
 * @param {OperationSummary[]} takenBack
 * @param {Ways} ways
 */
export function detailSections(parts, operation, takenBack, ways) {
  const { error, changes, why, calls, parameters, touches, origin, result, state, id } = operation;
  parts.show('error', error, () => (error ? errorView(error) : []));
  parts.show('plan', [state, result?.text], () => (state === 'planned' ? planView(result) : []));
  parts.show('changes', changes, () => (changes && changes.length > 0 ? changesView(changes) : []));
  parts.show('times', timesOf(operation), () => titled('times', facts(timesOf(operation))));
  parts.show('why', why, () =>
    why.length > 0 ? titled('why', make('ul', {}, ...why.map(({ says }) => make('li', {}, says)))) : [],
  );
  parts.show('calls', calls, () => (calls.length > 0 ? titled('calls', callsTable(calls)) : []));
  parts.show('parameters', parameters, () => parametersView(parameters));
  parts.show('touches', [operation.target, touches], () => touchesView(operation, ways));
  parts.show('origin', [origin, originOnCanvas(origin)], () => originView(operation, ways));
  parts.show(
    'relations',
    [operation.parent, operation.undoes, operation.retries, operation.members, takenBack.map((one) => one.id)],
    () => relationsView(operation, takenBack, ways),
  );
  parts.show('copy', id, () => copyView(operation));
}

/** @param {string} name @param {...Node} content */
function titled(name, ...content) {
  return [sectionTitle(words(`operations.section.${name}`)), ...content];
}

/** @param {(readonly [string, string])[]} pairs */
function facts(pairs) {
  return make(
    'dl',
    { class: 'virtflow-facts' },
    ...pairs.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
  );
}

/** @param {OperationError} error */
function errorView({ code, message, advice }) {
  return [
    make(
      'div',
      { class: 'virtflow-error-box' },
      make('strong', {}, message),
      make('p', {}, advice),
      make('code', {}, code),
    ),
  ];
}

/** @param {OperationDetail['result']} result */
function planView(result) {
  const title = words('operations.section.plan');
  return titled(
    'plan',
    make('pre', { class: 'virtflow-plan', tabindex: 0, 'aria-label': title }, String(result?.text ?? '')),
  );
}

/** @param {NonNullable<OperationDetail['changes']>} changes */
function changesView(changes) {
  const none = words('operations.nothing');
  const items = changes.map(({ what, before, after }) =>
    make(
      'li',
      {},
      make('span', { class: 'virtflow-what' }, what),
      ' ',
      make('span', { class: 'virtflow-before' }, before ?? none),
      ' → ',
      make('span', { class: 'virtflow-after' }, after ?? none),
    ),
  );
  return titled('changes', make('ul', { class: 'virtflow-changes' }, ...items));
}

/** @param {OperationDetail} operation @returns {(readonly [string, string])[]} */
function timesOf({ queuedAt, startedAt, endedAt, timeoutSeconds, state, result }) {
  const until = startedAt ?? endedAt;
  /** @type {(readonly [string, string])[]} */
  const times = [
    [words(state === 'refused' ? 'operations.time.refused' : 'operations.time.asked'), longTime(queuedAt)],
  ];
  if (until !== null && until > queuedAt) times.push([words('operations.time.waited'), durationOf(until - queuedAt)]);
  if (startedAt !== null) times.push([words('operations.time.began'), longTime(startedAt)]);
  if (startedAt !== null && endedAt !== null)
    times.push([words('operations.time.ran'), durationOf(endedAt - startedAt)]);
  if (endedAt !== null && state !== 'refused') times.push([words('operations.time.ended'), longTime(endedAt)]);
  if (endedAt === null && timeoutSeconds > 0)
    times.push([words('operations.time.limit'), durationOf(timeoutSeconds * 1000)]);
  if (Number(result?.times) > 1) times.push([words('operations.time.times'), String(result?.times)]);
  return times;
}

/** @param {Record<string, unknown>} parameters */
function parametersView(parameters) {
  const entries = Object.entries(parameters);
  if (entries.length === 0) return [];
  const pairs = entries.flatMap(([name, value]) => {
    const shown = isNotShown(value)
      ? make('dd', { class: 'virtflow-masked' }, words('operations.masked'))
      : make('dd', {}, typeof value === 'string' ? value : JSON.stringify(value));
    return [make('dt', {}, name), shown];
  });
  return titled('parameters', make('dl', { class: 'virtflow-facts' }, ...pairs));
}

/** @param {OperationDetail} operation @param {Ways} ways */
function touchesView({ touches, target, targetName }, { filter }) {
  const { connection, kind, id } = target;
  const own = id === undefined ? [] : [{ connection, kind, id, name: targetName }];
  const others = touches.filter((one) => one.kind !== kind || one.id !== id);
  const all = [...own, ...others];
  if (all.length === 0) return [];
  const items = all.map((one) => {
    const name = one.name ?? one.id;
    const pick = () => filter({ object: { ref: `${one.connection}/${one.kind}/${one.id}`, name } });
    const more = { class: 'virtflow-link', title: words('operations.onlyThis') };
    return make('li', {}, keptButton(`touch ${one.kind} ${one.id}`, `${kindName(one.kind)} ${name}`, pick, more));
  });
  return titled('touches', make('ul', { class: 'virtflow-plain' }, ...items));
}

/** @param {string} kind */
function kindName(kind) {
  const text = words(`operations.kind.${kind}`);
  return text.endsWith(`kind.${kind}`) ? kind : text;
}

/** @param {OperationDetail} operation @param {Ways} ways */
function originView(operation, { filter }) {
  const { origin } = operation;
  const place = originOnCanvas(origin);
  const isFlow = origin.node !== undefined;
  const pairs = [/** @type {const} */ ([words('operations.askedBy'), askerOf(operation)])];
  if ('name' in place) pairs.push([words('operations.node'), place.name]);
  const show = keptButton('canvas', words('operations.canvas.show'), () => 'id' in place && showOnCanvas(place.id), {
    disabled: 'missing' in place,
    title: 'missing' in place ? place.missing : '',
  });
  const missing = 'missing' in place && isFlow ? [make('p', { class: 'virtflow-muted' }, place.missing)] : [];
  const buttons = isFlow ? [make('div', { class: 'virtflow-buttons' }, show)] : [];
  const mine = keptButton('principal', words('operations.sameAsker'), () => filter({ text: origin.principal }), {
    class: 'virtflow-link',
  });
  return [...titled('origin', facts(pairs)), ...missing, ...buttons, ...(isFlow ? [] : [mine])];
}

/** @param {OperationDetail} operation @param {OperationSummary[]} takenBack @param {Ways} ways */
function relationsView(operation, takenBack, { show }) {
  const { parent, undoes, retries } = operation;
  /** @type {(readonly [string, string, string])[]} */
  const links = [];
  if (parent) links.push(['parent', parent, words('operations.relation.parent')]);
  if (undoes) links.push(['undoes', undoes, words('operations.relation.undoes')]);
  if (retries) links.push(['retries', retries, words('operations.relation.retries')]);
  for (const one of takenBack)
    links.push(['undone', one.id, words('operations.relation.undone', { title: titleOf(one) })]);
  if (links.length === 0) return [];
  const items = links.map(([kind, id, text]) =>
    make(
      'li',
      {},
      keptButton(`${kind} ${id}`, text, () => show(id), { class: 'virtflow-link' }),
    ),
  );
  return titled('relations', make('ul', { class: 'virtflow-plain' }, ...items));
}

/** @param {OperationDetail} operation */
function copyView(operation) {
  const isOwn = operation.target.kind !== 'group' && operation.origin.through !== 'external';
  /** @type {(readonly [string, (one: OperationDetail) => string])[]} */
  const ways = [
    ['json', asJson],
    ...(isOwn
      ? /** @type {const} */ ([
          ['rest', asRestCall],
          ['mqtt', asMqttMessage],
        ])
      : []),
  ];
  const buttons = ways.map(([name, write]) => {
    const button = keptButton(`copy ${name}`, words(`operations.copy.${name}`), () => copy(write(operation), button));
    return button;
  });
  return titled('copy', make('div', { class: 'virtflow-buttons' }, ...buttons));
}
