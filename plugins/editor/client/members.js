import { ask } from './api.js';
import { make } from './dom.js';
import { words } from './words.js';

/** @typedef {{ rule: string, fires: boolean, atLeast: 'info' | 'warning' | 'critical' }} Member */
/** @typedef {{ id: string, name: string, place: string }} KnownRule */

/**
 * A list of other rules that can be added and taken away; each has to fire, or must not.
 * @param {HTMLElement} form
 * @param {FieldDescription} field
 * @param {EditorNode} node
 * @returns {Part}
 */
export function openMembers(form, field, node) {
  const place = form.querySelector(`[data-virtflow-members="${field.name}"]`);
  if (!place) return {};
  const list = make('ol');
  place.append(list);
  const rules = knownRules(node);
  const editable = $(list).editableList({
    height: 'auto',
    removable: true,
    addButton: words('members.add'),
    addItem([container], _index, given) {
      if (container) drawMember(container, Object.assign(given, readMember(given)), rules);
    },
  });
  const known = Array.isArray(node[field.name]) ? node[field.name] : [];
  for (const member of /** @type {unknown[]} */ (known)) editable.editableList('addItem', readMember(member));
  const values = () =>
    editable
      .editableList('items')
      .toArray()
      .map((item) => readMember($(item).data('data')));
  return {
    save() {
      node[field.name] = values();
    },
    values: () => ({ [field.name]: values() }),
  };
}

/**
 * @param {HTMLElement} container
 * @param {Member} member
 * @param {Promise<KnownRule[]>} rules
 */
function drawMember(container, member, rules) {
  container.classList.add('virtflow-member');
  const rule = make('select', { 'aria-label': words('members.rule') });
  const fires = choice(
    'fires',
    { true: words('members.fires'), false: words('members.silent') },
    String(member.fires),
    (value) => {
      member.fires = value === 'true';
    },
  );
  const severities = {
    info: words('members.any'),
    warning: words('members.warning'),
    critical: words('members.critical'),
  };
  const atLeast = choice('atLeast', severities, member.atLeast, (value) => {
    member.atLeast = readMember({ atLeast: value }).atLeast;
  });
  rule.addEventListener('change', () => {
    member.rule = rule.value;
  });
  container.append(rule, fires, atLeast);
  const remove = container.parentElement?.querySelector('.red-ui-editableList-item-remove');
  remove?.setAttribute('aria-label', words('members.remove'));
  rules.then((known) => fillRules(rule, known, member.rule));
}

/**
 * One that is not known any more stays chosen, and says so.
 * @param {HTMLSelectElement} select
 * @param {KnownRule[]} known
 * @param {string} chosen
 */
function fillRules(select, known, chosen) {
  const isLost = chosen !== '' && !known.some(({ id }) => id === chosen);
  const lost = isLost ? [{ id: chosen, name: words('members.lost', { id: chosen }), place: '' }] : [];
  const options = [{ id: '', name: words('members.choose'), place: '' }, ...lost, ...known];
  select.replaceChildren(
    ...options.map(({ id, name, place }) =>
      make('option', { value: id, selected: id === chosen }, place === '' ? name : `${name} · ${place}`),
    ),
  );
}

/**
 * @param {'fires' | 'atLeast'} name
 * @param {Record<string, string>} options
 * @param {string} chosen
 * @param {(value: string) => void} changed
 */
function choice(name, options, chosen, changed) {
  const all = Object.entries(options).map(([value, text]) =>
    make('option', { value, selected: value === chosen }, text),
  );
  const select = make('select', { 'aria-label': words(`members.${name}`) }, ...all);
  select.addEventListener('change', () => changed(select.value));
  return select;
}

/**
 * Those of nodes that are drawn, deployed or not, and those of rules.json.
 * @param {EditorNode} own
 * @returns {Promise<KnownRule[]>}
 */
async function knownRules(own) {
  /** @type {KnownRule[]} */
  const drawn = [];
  RED.nodes.eachNode((node) => {
    if (node.id === own.id || !isRule(node)) return;
    const tab = RED.nodes.workspace(String(node.z ?? ''))?.label ?? '';
    drawn.push({ id: node.id, name: node.name || String(node._?.(`${node.type}.label`) ?? node.id), place: tab });
  });
  const listed = await ask('GET', 'rules', {}).catch(() => ({ rules: [] }));
  const { rules } = /** @type {{ rules: { id: string, name: string, from: string }[] }} */ (listed);
  const ofFile = rules.filter(({ from }) => from === 'file').map(({ id, name }) => ({ id, name, place: 'rules.json' }));
  return [...drawn, ...ofFile];
}

const kinds = ['threshold', 'rate', 'absence', 'state', 'event-count', 'forecast', 'anomaly', 'composite', 'rule'];

/** @param {EditorNode} node */
function isRule({ type }) {
  return kinds.some((kind) => type === `virtflow-${kind}`);
}

/**
 * @param {unknown} value
 * @returns {Member}
 */
function readMember(value) {
  /** @type {Record<string, unknown>} */
  const raw = typeof value === 'object' && value !== null ? { ...value } : {};
  const atLeast = raw.atLeast === 'warning' || raw.atLeast === 'critical' ? raw.atLeast : 'info';
  return {
    rule: typeof raw.rule === 'string' ? raw.rule : '',
    fires: raw.fires !== false && raw.fires !== 'false',
    atLeast,
  };
}

/**
 * What is wrong with the members; true when nothing is.
 * @param {unknown} value
 * @param {unknown} _options
 */
export function checkMembers(value, _options) {
  const members = Array.isArray(value) ? value.map(readMember) : [];
  return members.length > 0 && members.every(({ rule }) => rule !== '') ? true : words('members.choose');
}
