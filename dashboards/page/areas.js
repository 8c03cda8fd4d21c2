import { axisHeight, linksOf, timeCanvas } from './canvas.js';
import { colorOf, element } from './dom.js';
import { seriesOf } from './series.js';
import { display, format, isDark } from './units.js';
import { moment, word } from './words.js';

const labelWidth = 110;

function cut(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}

/** A state holds until the next one is told. */
export function drawStateTimeline(body, _panel, data, board) {
  const series = seriesOf(data.frames).filter(({ values }) => values.some((value) => value !== null));
  if (series.length === 0) return undefined;
  const spans = series.map((one) => spansOf(one, data));
  const spanAt = (at, y, height) => {
    const index = Math.floor(y / ((height - axisHeight) / series.length));
    return { one: series[index], span: spans[index]?.find(({ from, to }) => at >= from && at < to) };
  };
  const says = ({ one, span }) => word('since', { name: one.name, state: span.text, at: moment(span.from) });
  const names = series.map(({ name }) => name).slice(0, 20);
  return timeCanvas(body, {
    label: word('states', { names: names.join(', ') }),
    left: labelWidth,
    data,
    board,
    draw: (pen, width, height) => drawSpans(pen, width, height, series, spans, data),
    tell: (at, y, height) => {
      const found = spanAt(at, y, height);
      return found.span && element('div', {}, says(found));
    },
    pinned: (at, y, height) => {
      const found = spanAt(at, y, height);
      const links = found.span && linksOf(found.one, found.span.value, found.span.from, board);
      return links && element('div', {}, says(found), links);
    },
  });
}

function drawSpans(pen, width, height, series, spans, { from: begin, to: end }) {
  const [row, room] = [(height - axisHeight) / series.length, width - labelWidth];
  const x = (at) => labelWidth + ((at - begin) / (end - begin)) * room;
  series.forEach(({ name }, index) => {
    pen.textAlign = 'right';
    pen.fillStyle = colorOf('--text');
    if (row >= 10) pen.fillText(cut(pen, name, labelWidth - 14), labelWidth - 8, index * row + row / 2 + 4);
    for (const { from, to, color, text } of spans[index]) {
      const [left, right] = [x(from), x(to)];
      pen.fillStyle = color;
      pen.fillRect(left, index * row + 2, Math.max(1, right - left - 0.5), Math.max(2, row - 4));
      pen.fillStyle = '#0b0c0e';
      pen.textAlign = 'left';
      if (row >= 14 && right - left > pen.measureText(text).width + 8)
        pen.fillText(text, left + 4, index * row + row / 2 + 4);
    }
  });
}

function spansOf({ times, values, config }, { to }) {
  const spans = [];
  times.forEach((at, row) => {
    const value = values[row];
    const last = spans.at(-1);
    if (value === null || value === undefined) return;
    if (last?.value === value) return;
    if (last) last.to = at;
    spans.push({ value, from: at, to, ...display(value, config) });
  });
  return spans;
}

const heatRows = 20;
const heatLeft = 56;

/** How many series are in which range of values, over time. */
export function drawHeatmap(body, panel, data, board) {
  const series = seriesOf(data.frames).filter(({ values }) => values.length > 0);
  const there = series.flatMap(({ values }) => values.filter((value) => typeof value === 'number'));
  if (there.length === 0) return undefined;
  const { config } = series[0];
  const low = config.min ?? there.reduce((a, b) => Math.min(a, b), 0);
  const high = config.max ?? there.reduce((a, b) => Math.max(a, b), low + Number.EPSILON);
  // As wide as what a figure stands for, however few there are yet.
  const columns = Math.max(1, Math.min(120, Math.ceil((data.to - data.from) / data.intervalMs)));
  const counts = countsOf(series, data, { low, high, columns });
  const most = [...counts.values()].reduce((a, b) => Math.max(a, b), 1);
  const unit = config.unit ?? undefined;
  const step = (high - low) / heatRows;
  return timeCanvas(body, {
    label: word('howMany', { panel: panel.title ?? '', count: series.length }),
    left: heatLeft,
    data,
    board,
    draw: (pen, width, height) => {
      const [w, h] = [(width - heatLeft) / columns, (height - axisHeight) / heatRows];
      for (const [place, count] of counts) {
        pen.fillStyle = heat(count / most);
        const [column, row] = [Math.floor(place / heatRows), place % heatRows];
        pen.fillRect(heatLeft + column * w, (heatRows - 1 - row) * h, w + 0.5, h + 0.5);
      }
      drawScale(pen, height, (share) => format(low + share * (high - low), unit));
    },
    tell: (at, y, height) => {
      const column = Math.floor(((at - data.from) / (data.to - data.from)) * columns);
      const row = heatRows - 1 - Math.floor((y / (height - axisHeight)) * heatRows);
      const count = counts.get(column * heatRows + row);
      const [from, to] = [format(low + row * step, unit), format(low + (row + 1) * step, unit)];
      return count && element('div', {}, word('count', { low: from, high: to, count }));
    },
  });
}

function countsOf(series, { from, to }, { low, high, columns }) {
  const counts = new Map();
  for (const { times, values } of series) {
    times.forEach((at, index) => {
      const value = values[index];
      if (typeof value !== 'number' || at < from) return;
      const column = Math.min(columns - 1, Math.floor(((at - from) / (to - from)) * columns));
      const row = Math.min(heatRows - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * heatRows)));
      counts.set(column * heatRows + row, (counts.get(column * heatRows + row) ?? 0) + 1);
    });
  }
  return counts;
}

function drawScale(pen, height, said) {
  pen.fillStyle = colorOf('--quiet');
  pen.textAlign = 'right';
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const y = (1 - share) * (height - axisHeight);
    pen.fillText(said(share), heatLeft - 6, Math.min(height - axisHeight - 2, Math.max(9, y + 4)));
  }
}

function heat(share) {
  const level = Math.sqrt(share);
  return isDark()
    ? `hsl(${215 - 190 * level} 85% ${22 + 45 * level}%)`
    : `hsl(${215 - 190 * level} 80% ${88 - 42 * level}%)`;
}
