import { colorOf, element, styled } from './dom.js';
import { seriesOf } from './series.js';
import { display, format, isDark } from './units.js';

const labelWidth = 110;

/** A canvas as sharp as the screen; redrawn when its size changes. */
function canvasIn(body, label, draw) {
  const box = element('div', { class: 'fill' });
  const canvas = element('canvas', { role: 'img', 'aria-label': label });
  box.append(canvas);
  body.append(box);
  const resize = () => {
    const { width, height } = box.getBoundingClientRect();
    if (width < 20 || height < 20) return;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    styled(canvas, { width: `${width}px`, height: `${height}px` });
    const pen = canvas.getContext('2d');
    if (!pen) return;
    pen.scale(devicePixelRatio, devicePixelRatio);
    pen.font = '11px system-ui, sans-serif';
    draw(pen, width, height);
  };
  resize();
  return { canvas, resize };
}

function timeAxis(pen, left, width, bottom, { from, to }) {
  pen.fillStyle = colorOf('--quiet');
  pen.textAlign = 'center';
  const count = Math.max(1, Math.floor(width / 90));
  for (let index = 0; index < count; index++) {
    const share = (index + 0.5) / count;
    const at = new Date(from + share * (to - from));
    const isLong = to - from > 2 * 86_400_000;
    const text = isLong
      ? at.toLocaleDateString(undefined, { month: 'numeric', day: 'numeric' })
      : at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
    pen.fillText(text, left + share * width, bottom - 3);
  }
}

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
  const rowAt = (height, y) => Math.floor(y / ((height - 18) / series.length));
  const { canvas, resize } = canvasIn(
    body,
    `States of ${series
      .map(({ name }) => name)
      .slice(0, 20)
      .join(', ')}`,
    (pen, width, height) => {
      const [row, room] = [(height - 18) / series.length, width - labelWidth];
      const x = (at) => labelWidth + ((at - data.from) / (data.to - data.from)) * room;
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
      timeAxis(pen, labelWidth, room, height, data);
    },
  );
  canvas.addEventListener('mousemove', ({ offsetX, offsetY }) => {
    const { width, height } = canvas.getBoundingClientRect();
    const index = rowAt(height, offsetY);
    const at = data.from + ((offsetX - labelWidth) / (width - labelWidth)) * (data.to - data.from);
    const span = spans[index]?.find(({ from, to }) => at >= from && at < to);
    board.tip(
      span && element('div', {}, `${series[index].name}: ${span.text} since ${new Date(span.from).toLocaleString()}`),
    );
  });
  canvas.addEventListener('mouseleave', () => board.tip(undefined));
  return { resize, canvas: () => canvas };
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

/** How many series are in which range of values, over time. */
export function drawHeatmap(body, panel, data, board) {
  const series = seriesOf(data.frames).filter(({ values }) => values.length > 0);
  if (series.length === 0) return undefined;
  const { config } = series[0];
  const there = series.flatMap(({ values }) => values.filter((value) => typeof value === 'number'));
  if (there.length === 0) return undefined;
  const rows = 20;
  const low =
    config.min ??
    Math.min(
      0,
      there.reduce((a, b) => Math.min(a, b)),
    );
  const high = config.max ?? there.reduce((a, b) => Math.max(a, b), low + Number.EPSILON);
  // As wide as what a figure stands for, however few there are yet.
  const columns = Math.max(1, Math.min(120, Math.ceil((data.to - data.from) / data.intervalMs)));
  const counts = new Map();
  const placeOf = (at, value) => {
    const column = Math.min(columns - 1, Math.floor(((at - data.from) / (data.to - data.from)) * columns));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * rows)));
    return column * rows + row;
  };
  for (const { times, values } of series) {
    times.forEach((at, index) => {
      const value = values[index];
      if (typeof value !== 'number' || at < data.from) return;
      const place = placeOf(at, value);
      counts.set(place, (counts.get(place) ?? 0) + 1);
    });
  }
  const most = Math.max(...counts.values(), 1);
  const left = 56;
  const { canvas, resize } = canvasIn(
    body,
    `${panel.title}: how many of ${series.length} at which value`,
    (pen, width, height) => {
      const [w, h] = [(width - left) / columns, (height - 18) / rows];
      for (const [place, count] of counts) {
        pen.fillStyle = heat(count / most);
        pen.fillRect(left + Math.floor(place / rows) * w, (rows - 1 - (place % rows)) * h, w + 0.5, h + 0.5);
      }
      pen.fillStyle = colorOf('--quiet');
      pen.textAlign = 'right';
      for (const share of [0, 0.25, 0.5, 0.75, 1]) {
        const y = (1 - share) * (height - 18);
        pen.fillText(
          format(low + share * (high - low), config.unit ?? undefined),
          left - 6,
          Math.min(height - 20, Math.max(9, y + 4)),
        );
      }
      timeAxis(pen, left, width - left, height, data);
    },
  );
  canvas.addEventListener('mousemove', ({ offsetX, offsetY }) => {
    const { width, height } = canvas.getBoundingClientRect();
    const [column, row] = [
      Math.floor(((offsetX - left) / (width - left)) * columns),
      rows - 1 - Math.floor((offsetY / (height - 18)) * rows),
    ];
    const count = counts.get(column * rows + row);
    const step = (high - low) / rows;
    const unit = config.unit ?? undefined;
    board.tip(
      count &&
        element('div', {}, `${format(low + row * step, unit)} to ${format(low + (row + 1) * step, unit)}: ${count}`),
    );
  });
  canvas.addEventListener('mouseleave', () => board.tip(undefined));
  return { resize, canvas: () => canvas };
}

function heat(share) {
  const level = Math.sqrt(share);
  return isDark()
    ? `hsl(${215 - 190 * level} 85% ${22 + 45 * level}%)`
    : `hsl(${215 - 190 * level} 80% ${88 - 42 * level}%)`;
}

const inline = /\*\*([^*]+)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** The part of Markdown that text panels need; markup in it stays text. */
export function drawText(body, panel, _data, board) {
  const box = element('div', { class: 'text', tabindex: 0 });
  for (const block of String(panel.options?.content ?? '').split(/\n{2,}/)) {
    const [, marks, title] = /^(#{1,4})\s+(.*)$/.exec(block) ?? [];
    const items = block.split('\n').filter((line) => /^[-*] /.test(line));
    if (marks) box.append(element('h3', {}, ...spans(title, board)));
    else if (items.length > 0)
      box.append(element('ul', {}, ...items.map((line) => element('li', {}, ...spans(line.slice(2), board)))));
    else if (block.trim() !== '') box.append(element('p', {}, ...spans(block, board)));
  }
  body.append(box);
  return {};
}

function spans(text, board) {
  const made = [];
  let end = 0;
  for (const found of text.matchAll(inline)) {
    const [whole, strong, code, label, url] = found;
    made.push(text.slice(end, found.index));
    end = found.index + whole.length;
    if (strong) made.push(element('strong', {}, strong));
    else if (code) made.push(element('code', {}, code));
    else made.push(element('a', { href: board.link(url, {}) }, label));
  }
  return [...made, text.slice(end)];
}
