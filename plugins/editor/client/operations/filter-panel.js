import { make, newId } from '../dom.js';
import { words } from '../words.js';
import { choosableStates } from './filters.js';
import { objectPicker } from './object-picker.js';
import { problemFrom, rest } from './rest.js';
import { actionName } from './spoken.js';

const ranges = /** @type {const} */ (['', '1h', '24h', '7d', 'custom']);
const scopes = /** @type {const} */ (['all', 'flow', 'node']);
const switches = /** @type {const} */ (['mine', 'plans', 'quiet']);

/**
 * Everything that the list can be narrowed by, but words.
 * @param {string} id
 * @param {() => OperationFilter} current
 * @param {(part: Partial<OperationFilter>) => void} change
 * @param {() => CanvasPlace} place
 */
export function filterPanel(id, current, change, place) {
  const states = stateChips(current, change);
  const action = choice('action', (value) => change({ action: value }));
  const connection = choice('connection', (value) => change({ connection: value }));
  const object = objectPicker((found) => change({ object: found }));
  const scope = choice('scope', (value) => change({ scope: scopes.find((one) => one === value) ?? 'all' }));
  const range = choice('range', (value) => change({ range: ranges.find((one) => one === value) ?? '' }));
  const from = moment('from', (value) => change({ from: value }));
  const to = moment('to', (value) => change({ to: value }));
  const boxes = switches.map((name) => box(name, (value) => change({ [name]: value })));
  const moments = make('div', { class: 'virtflow-moments' }, from.element, to.element);
  const element = make(
    'div',
    { id, class: 'virtflow-panel' },
    states.element,
    action.element,
    connection.element,
    object.element,
    scope.element,
    range.element,
    moments,
    make('div', { class: 'virtflow-switches' }, ...boxes.map((one) => one.element)),
  );

  function draw() {
    const filter = current();
    const { flowName, nodeName } = place();
    states.draw();
    action.show(filter.action);
    connection.show(filter.connection);
    scope.offer([
      ['all', words('operations.scope.all')],
      ['flow', words('operations.scope.flow', { name: flowName })],
      ['node', nodeName ? words('operations.scope.node', { name: nodeName }) : words('operations.scope.noNode')],
    ]);
    scope.show(filter.scope);
    range.offer(ranges.map((one) => [one, words(`operations.range.${one || 'any'}`)]));
    range.show(filter.range);
    moments.hidden = filter.range !== 'custom';
    from.show(filter.from);
    to.show(filter.to);
    for (const [index, name] of switches.entries()) boxes[index]?.show(filter[name]);
  }

  /** What there is to choose from, when somebody is about to. */
  async function open() {
    draw();
    const [actions, connections] = await Promise.all([named('/actions', 'id'), named('/connections', 'name')]);
    const any = /** @type {[string, string]} */ (['', words('any')]);
    const byName = actions.map((one) => /** @type {[string, string]} */ ([one, actionName(one)]));
    action.offer([any, ...byName.sort(([, a], [, b]) => a.localeCompare(b))]);
    connection.offer([any, ...connections.map((one) => /** @type {[string, string]} */ ([one, one]))]);
    draw();
  }

  return { element, draw, open: () => void open().catch((thrown) => console.warn(problemFrom(thrown).message)) };
}

/** @param {string} path @param {string} property @returns {Promise<string[]>} */
async function named(path, property) {
  const answer = /** @type {{ items: Record<string, unknown>[] }} */ (await rest('GET', path));
  return answer.items.map((item) => String(item[property]));
}

/**
 * @param {() => OperationFilter} current
 * @param {(part: Partial<OperationFilter>) => void} change
 */
function stateChips(current, change) {
  const buttons = choosableStates.map((state) => {
    const button = make(
      'button',
      { type: 'button', class: `virtflow-state-chip virtflow-is-${state}` },
      words(`operations.state.${state}`),
    );
    button.addEventListener('click', () => {
      const { states } = current();
      change({ states: states.includes(state) ? states.filter((one) => one !== state) : [...states, state] });
    });
    return { state, button };
  });
  const label = words('operations.filter.states');
  const element = make('div', { class: 'virtflow-state-chips', role: 'group', 'aria-label': label });
  element.append(...buttons.map(({ button }) => button));
  return {
    element,
    draw() {
      for (const { state, button } of buttons)
        button.setAttribute('aria-pressed', String(current().states.includes(state)));
    },
  };
}

/** @param {string} name @param {(value: string) => void} chosen */
function choice(name, chosen) {
  const id = newId();
  const select = make('select', { id });
  select.addEventListener('change', () => chosen(select.value));
  const element = make(
    'div',
    { class: 'virtflow-field' },
    make('label', { for: id }, words(`operations.filter.${name}`)),
    select,
  );
  return {
    element,
    /** @param {(readonly [string, string])[]} options */
    offer(options) {
      const { value } = select;
      select.replaceChildren(...options.map(([key, text]) => make('option', { value: key }, text)));
      select.value = value;
    },
    /** One that is not on offer any more stays chosen. @param {string} value */
    show(value) {
      if (![...select.options].some((option) => option.value === value))
        select.append(make('option', { value }, value));
      select.value = value;
    },
  };
}

/** @param {string} name @param {(value: string) => void} chosen */
function moment(name, chosen) {
  const id = newId();
  const input = make('input', { type: 'datetime-local', id });
  input.addEventListener('change', () => chosen(input.value));
  const element = make(
    'div',
    { class: 'virtflow-field' },
    make('label', { for: id }, words(`operations.filter.${name}`)),
    input,
  );
  return {
    element,
    /** @param {string} value */
    show(value) {
      if (document.activeElement !== input) input.value = value;
    },
  };
}

/** @param {string} name @param {(value: boolean) => void} chosen */
function box(name, chosen) {
  const input = make('input', { type: 'checkbox' });
  input.addEventListener('change', () => chosen(input.checked));
  const element = make('label', { class: 'virtflow-switch' }, input, words(`operations.filter.${name}`));
  return {
    element,
    /** @param {boolean} value */
    show(value) {
      input.checked = value;
    },
  };
}
