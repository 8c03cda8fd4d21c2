import { colorOf, element, styled } from './dom.js';
import { aligned, seriesOf } from './series.js';
import { calcTitles, display, format, paint, reduce, seriesColor } from './units.js';
import uPlot from './uplot.js';

/** Draws a time series panel. `board` tells the range, hears zooms and shares the crosshair. */
export function drawTimeSeries(body, panel, data, board) {
  const series = seriesOf(data.frames);
  if (series.length === 0) return undefined;
  const legend = panel.options?.legend ?? {};
  const plot = element('div', { class: 'plot' });
  body.classList.toggle('beside', legend.placement === 'right');
  body.append(plot);
  const made = { chart: undefined };
  const hasLegend = legend.showLegend !== false && legend.displayMode !== 'hidden';
  if (hasLegend)
    body.append(legendOf(series, legend, (index, isShown) => made.chart?.setSeries(index + 1, { show: isShown })));
  const { width, height } = plot.getBoundingClientRect();
  const { times, columns } = aligned(series);
  const seconds = times.map((at) => at / 1000);
  const stacks = stacked(series, columns);
  const options = optionsOf(
    series,
    panel,
    data,
    board,
    { width: Math.max(60, width), height: Math.max(40, height) },
    columns,
  );
  made.chart = new uPlot(options, [seconds, ...stacks], plot);
  plot.setAttribute('aria-hidden', 'true');
  const resize = () => {
    const box = plot.getBoundingClientRect();
    if (box.width > 20 && box.height > 20) made.chart?.setSize({ width: box.width, height: box.height });
  };
  return { resize, destroy: () => made.chart?.destroy(), canvas: () => plot.querySelector('canvas') };
}

function isStacked({ config }) {
  return config.custom?.stacking?.mode === 'normal' || config.custom?.stacking?.mode === 'percent';
}

function stacked(series, columns) {
  const sums = new Array(columns[0]?.length ?? 0).fill(0);
  return columns.map((values, index) => {
    if (!isStacked(series[index])) return values;
    return values.map((value, row) => {
      if (value === null || value === undefined) return value;
      sums[row] += value;
      return sums[row];
    });
  });
}

function scaleOf({ config }) {
  return config.custom?.axisPlacement === 'right' ? `${config.unit ?? ''} right` : 'left';
}

function optionsOf(series, panel, data, board, size, columns) {
  const first = series[0].config;
  const scales = { x: { time: true, range: [data.from / 1000, data.to / 1000] } };
  for (const one of series) scales[scaleOf(one)] ??= { range: (_, low, high) => rangeOf(one.config, low, high) };
  const grid = { stroke: colorOf('--grid'), width: 1 };
  const text = { stroke: colorOf('--quiet'), font: '11px system-ui, sans-serif', ticks: { show: false } };
  const axes = Object.keys(scales)
    .filter((name) => name !== 'x')
    .map((name) => {
      const { config } = series.find((one) => scaleOf(one) === name) ?? series[0];
      const isRight = name !== 'left';
      const values = (_, splits) =>
        splits.map((value) => format(value, config.unit ?? undefined, config.decimals ?? undefined));
      return { ...text, scale: name, side: isRight ? 1 : 3, grid: isRight ? { show: false } : grid, values, size: 62 };
    });
  return {
    ...size,
    scales,
    legend: { show: false },
    cursor: {
      sync: { key: board.sync, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      focus: { prox: 24 },
    },
    focus: { alpha: 1 },
    axes: [{ ...text, grid, space: 70, values: clock }, ...axes],
    series: [{}, ...series.map((one, index) => lineOf(one, index, series.length))],
    bands: bandsOf(series),
    hooks: {
      draw: [(chart) => drawMarks(chart, board.marks()), (chart) => drawThresholds(chart, first)],
      setSelect: [(chart) => zoom(chart, board)],
      setCursor: [(chart) => tell(chart, series, columns, panel, board)],
    },
  };
}

const two = (number) => String(number).padStart(2, '0');

/** Hours of a day; a day where the range is longer. */
function clock(chart, splits, _axis, _space, step) {
  const long = (chart.scales.x.max ?? 0) - (chart.scales.x.min ?? 0) > 2 * 86_400;
  return splits.map((at) => {
    const date = new Date(at * 1000);
    const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
    if (step < 60) return `${time}:${two(date.getSeconds())}`;
    return long ? `${two(date.getMonth() + 1)}-${two(date.getDate())}${step < 86_400 ? ` ${time}` : ''}` : time;
  });
}

/** Ratios begin at nothing; a line that is even stands in the middle. */
function rangeOf({ min, max }, low, high) {
  const least = min ?? Math.min(low ?? 0, (low ?? 0) >= 0 ? 0 : (low ?? 0));
  const most = max ?? (high === null || high === undefined || high <= least ? least + 1 : high + (high - least) * 0.06);
  return [least, most];
}

function lineOf(one, index, count) {
  const { custom = {} } = one.config;
  const color = seriesColor(index, one.config);
  const opacity = (custom.fillOpacity ?? 0) / 100;
  const isBars = custom.drawStyle === 'bars';
  const points = custom.drawStyle === 'points' || custom.showPoints === 'always';
  return {
    scale: scaleOf(one),
    label: one.name,
    stroke: custom.drawStyle === 'points' ? undefined : color,
    width: custom.lineWidth ?? (count > 20 ? 1 : 1.5),
    fill: opacity > 0 || isBars ? withAlpha(color, isBars ? Math.max(opacity, 0.6) : opacity) : undefined,
    spanGaps: custom.spanNulls === true,
    points: { ...(points ? { show: true } : {}), size: custom.pointSize ?? 5, stroke: color, fill: color },
    paths: pathsOf(custom, isBars),
  };
}

function pathsOf({ lineInterpolation }, isBars) {
  if (isBars) return uPlot.paths.bars?.({ size: [0.8, 40] });
  if (lineInterpolation === 'stepAfter') return uPlot.paths.stepped?.({ align: 1 });
  if (lineInterpolation === 'smooth') return uPlot.paths.spline?.();
  return undefined;
}

function withAlpha(color, alpha) {
  return `${color}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

/** Between one of a stack and the one beneath it. */
function bandsOf(series) {
  const bands = [];
  let below;
  series.forEach((one, index) => {
    if (!isStacked(one)) return;
    if (below !== undefined) bands.push({ series: [index + 1, below], dir: -1 });
    below = index + 1;
  });
  return bands;
}

function drawMarks({ ctx, bbox, valToPos, scales }, marks) {
  for (const { at, color } of marks) {
    if (at / 1000 < (scales.x.min ?? 0) || at / 1000 > (scales.x.max ?? 0)) continue;
    const x = Math.round(valToPos(at / 1000, 'x', true));
    ctx.save();
    ctx.strokeStyle = paint(color);
    ctx.fillStyle = paint(color);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4, 4]);
    ctx.globalAlpha = 0.8;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - 5, bbox.top + bbox.height + 6);
    ctx.lineTo(x + 5, bbox.top + bbox.height + 6);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.fill();
    ctx.restore();
  }
}

function drawThresholds({ ctx, bbox, valToPos, scales }, { thresholds, custom }) {
  const mode = custom?.thresholdsStyle?.mode ?? 'off';
  if (mode === 'off' || !scales.left) return;
  for (const { value, color } of thresholds?.steps ?? []) {
    if (typeof value !== 'number' || value > (scales.left.max ?? 0) || value < (scales.left.min ?? 0)) continue;
    const y = Math.round(valToPos(value, 'left', true));
    ctx.save();
    ctx.strokeStyle = paint(color);
    ctx.setLineDash(mode.includes('dashed') ? [8, 6] : []);
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }
}

/** The crosshair is shared, and so is what is drawn over: only the one beneath the pointer tells. */
function zoom(chart, board) {
  const { left, width } = chart.select;
  if (width < 4 || !chart.over.matches(':hover')) return;
  const at = (x) => Math.round(chart.posToVal(x, 'x') * 1000);
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  board.zoom(at(left), at(left + width));
}

/** What the series say beneath the pointer, the greatest first. */
function tell(chart, series, columns, panel, board) {
  const { idx, left = -1, top = -1 } = chart.cursor;
  const isHere = chart.over.matches(':hover');
  if (!isHere) return;
  if (idx === null || idx === undefined || left < 0) return board.tip(undefined);
  const at = chart.data[0][idx] * 1000;
  const rows = series
    .map(({ name, config }, index) => ({ name, config, index, value: columns[index][idx] }))
    .filter(({ value, index }) => typeof value === 'number' && chart.series[index + 1].show)
    .sort((a, b) => b.value - a.value);
  const y = chart.posToVal(top, 'left');
  const near = rows.reduce(
    (best, row) => (Math.abs(row.value - y) < Math.abs((best?.value ?? Infinity) - y) ? row : best),
    undefined,
  );
  const shown = panel.options?.tooltip?.mode === 'single' && near ? [near] : rows.slice(0, 12);
  const lines = shown.map(({ name, config, index, value }) =>
    element(
      'tr',
      { class: near?.index === index ? 'near' : '' },
      element('td', {}, swatch(seriesColor(index, config)), ` ${name}`),
      element('td', {}, display(value, config).text),
    ),
  );
  const marks = board
    .marks()
    .filter((mark) => Math.abs(chart.valToPos(mark.at / 1000, 'x') - left) < 5)
    .slice(0, 4);
  const said = marks.map(({ name, text }) => element('tr', {}, element('td', { colspan: 2 }, `${name}: ${text}`)));
  board.tip(
    element(
      'div',
      {},
      element('div', { class: 'quiet' }, new Date(at).toLocaleString()),
      element('table', {}, ...lines, ...said),
    ),
  );
}

export function swatch(color) {
  return styled(element('span', { class: 'swatch' }), { background: color });
}

function legendOf(series, { displayMode, calcs = [], placement }, show) {
  const button = ({ name, config }, index) => {
    const made = element(
      'button',
      { type: 'button', 'aria-pressed': 'true' },
      swatch(seriesColor(index, config)),
      name,
    );
    made.addEventListener('click', () => {
      const isShown = made.getAttribute('aria-pressed') !== 'true';
      made.setAttribute('aria-pressed', String(isShown));
      show(index, isShown);
    });
    return made;
  };
  const box = element('div', {
    class: `legend ${placement === 'right' ? 'right' : ''}`,
    tabindex: 0,
    role: 'group',
    'aria-label': 'Series',
  });
  const figure = ({ values, config }, calc) => display(reduce(values, calc), { ...config, mappings: undefined }).text;
  if (displayMode !== 'table') {
    const last = (one) =>
      calcs.length === 0
        ? []
        : [
            element(
              'span',
              { class: 'quiet' },
              calcs.map((calc) => `${calcTitles[calc] ?? calc} ${figure(one, calc)}`).join('  '),
            ),
          ];
    box.append(element('ul', {}, ...series.map((one, index) => element('li', {}, button(one, index), ...last(one)))));
    return box;
  }
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'Name'),
    ...calcs.map((calc) => element('th', { scope: 'col', class: 'number' }, calcTitles[calc] ?? calc)),
  );
  const rows = series.map((one, index) =>
    element(
      'tr',
      {},
      element('td', {}, button(one, index)),
      ...calcs.map((calc) => element('td', { class: 'number' }, figure(one, calc))),
    ),
  );
  box.append(element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)));
  return box;
}
