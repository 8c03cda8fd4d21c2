import { element, styled } from './dom.js';
import { display, format, thresholdColor } from './units.js';
import { word } from './words.js';

const mostRows = 500;

export function drawTable(body, panel, data, board) {
  const frames = data.frames.filter(({ fields }) => (fields[0]?.values.length ?? 0) > 0);
  if (frames.length === 0) return undefined;
  const place = element('div', { class: 'fill tables' });
  const show = (index) => place.replaceChildren(tableOf(frames[index], panel, board));
  if (frames.length > 1) body.append(chooser(frames, show));
  body.append(place);
  show(0);
  return {};
}

/** Where a panel has several tables, one is shown. */
function chooser(frames, show) {
  const select = element('select', { 'aria-label': word('which'), change: ({ target }) => show(Number(target.value)) });
  select.append(...frames.map(({ refId }, index) => element('option', { value: index }, `${refId} (${index + 1})`)));
  return select;
}

function tableOf(frame, panel, board) {
  const fields = frame.fields.filter(({ config }) => config.custom?.hidden !== true);
  const scroll = element('div', {
    class: 'scroll',
    tabindex: 0,
    role: 'region',
    'aria-label': panel.title || word('table'),
  });
  const rows = fields[0].values.map((_, row) => row);
  const order = { field: -1, isDown: false };
  const table = element('table');
  const draw = () => table.replaceChildren(head(fields, order, sortBy), bodyOf(fields, rows, board));
  const sortBy = (index) => {
    order.isDown = order.field === index ? !order.isDown : fields[index].type === 'number';
    order.field = index;
    const { values } = fields[index];
    rows.sort((a, b) => (order.isDown ? -1 : 1) * compare(values[a], values[b]));
    draw();
    table.querySelectorAll('th button')[index]?.focus();
  };
  draw();
  scroll.append(table);
  return scroll;
}

function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '').localeCompare(String(b ?? ''), undefined, { numeric: true });
}

function head(fields, order, sortBy) {
  const cells = fields.map(({ name, type, config }, index) => {
    const isOrdered = order.field === index;
    const arrow = isOrdered ? (order.isDown ? ' ↓' : ' ↑') : '';
    const about = {
      scope: 'col',
      class: type === 'number' ? 'number' : '',
      'aria-sort': isOrdered ? (order.isDown ? 'descending' : 'ascending') : undefined,
    };
    return element(
      'th',
      about,
      element('button', { type: 'button', click: () => sortBy(index) }, (config.displayName || name) + arrow),
    );
  });
  return element('thead', {}, element('tr', {}, ...cells));
}

function bodyOf(fields, rows, board) {
  const lines = rows
    .slice(0, mostRows)
    .map((row) => element('tr', {}, ...fields.map((field) => cell(field, row, fields, board))));
  if (rows.length > mostRows)
    lines.push(
      element('tr', {}, element('td', { colspan: fields.length }, word('more', { count: rows.length - mostRows }))),
    );
  return element('tbody', {}, ...lines);
}

function cell({ type, values, config }, row, fields, board) {
  const value = values[row];
  const { text, color } =
    type === 'time'
      ? { text: format(value, 'time'), color: '' }
      : type === 'string' && !config.mappings
        ? { text: String(value ?? ''), color: '' }
        : display(value, config);
  const link = config.links?.[0];
  const shown = link?.url ? element('a', { href: board.link(link.url, linkValues(fields, row, value)) }, text) : text;
  const kind = config.custom?.cellOptions?.type ?? config.custom?.displayMode ?? 'auto';
  const made = element('td', { class: type === 'number' ? 'number' : '' });
  if (kind.includes('gauge') && typeof value === 'number') made.append(meter(value, config));
  made.append(shown);
  if (kind === 'color-text' && color)
    styled(made, { color: `color-mix(in srgb, ${color} 72%, light-dark(#000, #fff))`, 'font-weight': '600' });
  if (kind === 'color-background' && color) styled(made, { background: color, color: '#0b0c0e' });
  return made;
}

function linkValues(fields, row, value) {
  const own = Object.fromEntries(fields.map(({ name, values }) => [name, values[row]]));
  return { fields: own, value };
}

function meter(value, config) {
  const [low, high] = [config.min ?? 0, config.max ?? 1];
  const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
  const bar = styled(element('i'), { width: `${share * 100}%`, background: thresholdColor(value, config) });
  return element('span', { class: 'meter', 'aria-hidden': 'true' }, bar);
}
