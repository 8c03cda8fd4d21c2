import { element, styled, svg } from './dom.js';
import { seriesOf } from './series.js';
import { display, paint, reduce, thresholdColor } from './units.js';
import { word } from './words.js';

/** What stat, gauge and bar gauge show: a value for each series, or for each row. */
function figuresOf(data, panel) {
  const { calcs = ['lastNotNull'], values: isEach = false, limit = 25 } = panel.options?.reduceOptions ?? {};
  const series = seriesOf(data.frames);
  if (!isEach) return series.map((one) => ({ ...one, value: reduce(one.values, calcs[0]) }));
  return data.frames.flatMap(({ fields }) => {
    const names = fields.find(({ type }) => type === 'string')?.values ?? [];
    const own = fields.filter(({ type }) => type === 'number');
    return own.flatMap(({ values, name, config }) =>
      values
        .slice(0, limit)
        .map((value, row) => ({ name: String(names[row] ?? name), value, config, values: [value] })),
    );
  });
}

/** A figure that leads somewhere. */
function linked(content, { name, labels, value, config }, board) {
  const [link] = config.links ?? [];
  if (!link?.url) return content;
  const href = board.link(link.url, { name, labels, value });
  return element('a', { class: 'plain', href, title: link.title || undefined }, content);
}

export function drawStat(body, panel, data, board) {
  const { noValue } = panel.fieldConfig?.defaults ?? {};
  const found = figuresOf(data, panel);
  const figures = found.length === 0 && noValue ? [{ name: '', value: null, config: { noValue }, values: [] }] : found;
  if (figures.length === 0) return undefined;
  const { colorMode = 'value', graphMode = 'area', textMode = 'auto' } = panel.options ?? {};
  const box = element('div', { class: 'figures' });
  const height = body.getBoundingClientRect().height;
  const size = Math.max(18, Math.min(44, height / 2.4, body.getBoundingClientRect().width / figures.length / 5));
  for (const [index, figureOf] of figures.entries()) {
    const { name, value, config, values } = figureOf;
    const { text, color } = display(value, config, index);
    const hasName = textMode.includes('name') || (textMode === 'auto' && figures.length > 1);
    const figure = styled(element('span', { class: 'value' }, linked(text, figureOf, board)), {
      'font-size': `${size}px`,
    });
    const one = element(
      'div',
      { class: 'figure' },
      hasName ? element('span', { class: 'name' }, name) : undefined,
      figure,
    );
    if (colorMode === 'background') styled(one, { background: color, color: '#0b0c0e' });
    else if (colorMode === 'value' && color) styled(figure, { color: readable(color) });
    if (graphMode === 'area' && values.length > 2) one.append(spark(values, color));
    box.append(one);
  }
  body.append(box);
  return {};
}

/** A large figure in a light color needs a darker shade on white. */
function readable(color) {
  return `light-dark(color-mix(in srgb, ${color} 45%, #000), color-mix(in srgb, ${color} 78%, #fff))`;
}

function spark(values, color) {
  const there = values.filter((value) => typeof value === 'number');
  const [low, high] = [Math.min(...there), Math.max(...there)];
  const y = (value) => 38 - (high === low ? 18 : ((value - low) / (high - low)) * 34);
  const points = values.flatMap((value, index) =>
    typeof value === 'number' ? [`${(index / (values.length - 1)) * 100},${y(value)}`] : [],
  );
  const about = { class: 'spark', viewBox: '0 0 100 40', preserveAspectRatio: 'none', 'aria-hidden': 'true' };
  const line = svg('polyline', {
    points: points.join(' '),
    fill: 'none',
    stroke: color,
    'stroke-width': 1.5,
    'vector-effect': 'non-scaling-stroke',
  });
  const area = svg('polygon', { points: `0,40 ${points.join(' ')} 100,40`, fill: color, 'fill-opacity': 0.18 });
  return svg('svg', about, area, line);
}

export function drawGauge(body, panel, data, board) {
  const figures = figuresOf(data, panel);
  if (figures.length === 0) return undefined;
  const box = element('div', { class: 'figures arcs' });
  for (const figure of figures) {
    const { name, value, config } = figure;
    const { text } = display(value, config);
    const label =
      figures.length > 1 || panel.options?.reduceOptions?.values
        ? element('span', { class: 'name' }, linked(name, figure, board))
        : undefined;
    const one = element('div', { class: 'figure' }, arc(value, config, text), label);
    box.append(one);
  }
  body.append(box);
  return {};
}

function arc(value, config, text) {
  const [low, high] = [config.min ?? 0, config.max ?? (config.unit === 'percentunit' ? 1 : 100)];
  const share = Math.min(1, Math.max(0, ((value ?? low) - low) / (high - low)));
  const color = thresholdColor(value ?? low, config);
  const part = (from, to, radius, width, stroke) => {
    const at = (ratio) => [
      50 + radius * Math.cos(Math.PI * (1 + ratio)),
      52 + radius * Math.sin(Math.PI * (1 + ratio)),
    ];
    const [[x1, y1], [x2, y2]] = [at(from), at(to)];
    return svg('path', {
      d: `M${x1} ${y1}A${radius} ${radius} 0 0 1 ${x2} ${y2}`,
      fill: 'none',
      stroke,
      'stroke-width': width,
    });
  };
  const track = part(0, 1, 38, 11, 'var(--grid)');
  const filled = share > 0.002 ? [part(0, share, 38, 11, color)] : [];
  const steps = config.thresholds?.steps ?? [];
  const scale = config.thresholds?.mode === 'percentage' ? (at) => at / 100 : (at) => (at - low) / (high - low);
  const edges = steps.map(({ value: at, color: own }, index) => {
    const from = typeof at === 'number' ? scale(at) : 0;
    const to = typeof steps[index + 1]?.value === 'number' ? scale(steps[index + 1].value) : 1;
    return part(Math.max(0, from), Math.min(1, to), 46, 2.5, paint(own));
  });
  return svg(
    'svg',
    { viewBox: '0 0 100 60', role: 'img', 'aria-label': text },
    track,
    ...filled,
    ...edges,
    svg('text', { x: 50, y: 52, 'font-size': 14 }, text),
  );
}

export function drawBarGauge(body, panel, data, board) {
  const figures = figuresOf(data, panel);
  if (figures.length === 0) return undefined;
  const box = element('div', { class: 'bars', tabindex: 0, role: 'list', 'aria-label': panel.title || word('bars') });
  const most = Math.max(...figures.map(({ value }) => value ?? 0), Number.MIN_VALUE);
  for (const figure of figures) {
    const { name, value, config } = figure;
    const { text } = display(value, config);
    const [low, high] = [config.min ?? 0, config.max ?? (config.unit === 'percentunit' ? Math.max(1, most) : most)];
    const share = Math.min(1, Math.max(0, ((value ?? low) - low) / (high - low)));
    const bar = styled(element('i'), { width: `${share * 100}%`, background: thresholdColor(value ?? low, config) });
    box.append(
      element(
        'div',
        { class: 'one', role: 'listitem' },
        element('span', { class: 'name' }, linked(name, figure, board)),
        element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
        element('span', { class: 'figure' }, text),
      ),
    );
  }
  body.append(box);
  return {};
}
