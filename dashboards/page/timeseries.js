import { clock, linksOf } from './canvas.js';
import { colorOf, element, styled } from './dom.js';
import { aligned, seriesOf } from './series.js';
import { calcTitles, display, format, paint, reduce, seriesColor } from './units.js';
import uPlot from './uplot.js';
import { moment, word } from './words.js';

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
  const unfollow = followed(made.chart, board);
  readable(plot, made.chart, series, columns, panel, board);
  const resize = () => {
    const box = plot.getBoundingClientRect();
    if (box.width > 20 && box.height > 20) made.chart?.setSize({ width: box.width, height: box.height });
  };
  const destroy = () => {
    unfollow();
    made.chart?.destroy();
  };
  return { resize, destroy };
}

function isStacked({ config }) {
  return config.custom?.stacking?.mode === 'normal' || config.custom?.stacking?.mode === 'percent';
}

function stacked(series, columns) {
  const rows = columns[0]?.length ?? 0;
  const sums = new Array(rows).fill(0);
  const isShare = series.some(({ config }) => config.custom?.stacking?.mode === 'percent');
  const totals = isShare ? Array.from({ length: rows }, (_, row) => totalOf(series, columns, row)) : [];
  return columns.map((own, index) => {
    if (!isStacked(series[index])) return own;
    const values = isShare ? own.map((value, row) => (value && totals[row] > 0 ? value / totals[row] : value)) : own;
    return values.map((value, row) => {
      if (value === null || value === undefined) return value;
      sums[row] += value;
      return sums[row];
    });
  });
}

function totalOf(series, columns, row) {
  return columns.reduce((sum, values, index) => sum + (isStacked(series[index]) ? (values[row] ?? 0) : 0), 0);
}

function scaleOf({ config }) {
  return config.custom?.axisPlacement === 'right' ? `${config.unit ?? ''} right` : 'left';
}

function optionsOf(series, panel, data, board, size, columns) {
  const first = series[0].config;
  const scales = { x: { time: true, range: [data.from / 1000, data.to / 1000] } };
  for (const one of series) scales[scaleOf(one)] ??= scaleFor(one.config);
  const grid = { stroke: colorOf('--grid'), width: 1 };
  const text = { stroke: colorOf('--quiet'), font: '11px system-ui, sans-serif', ticks: { show: false } };
  const axes = Object.keys(scales)
    .filter((name) => name !== 'x')
    .map((name) => {
      const { config } = series.find((one) => scaleOf(one) === name) ?? series[0];
      const isRight = name !== 'left';
      const values = (_, splits) =>
        splits.map((value) => (value === null ? null : format(value, unitOf(config), config.decimals ?? undefined)));
      const { axisLabel, axisPlacement } = config.custom ?? {};
      return {
        ...text,
        scale: name,
        show: axisPlacement !== 'hidden',
        side: isRight ? 1 : 3,
        grid: isRight ? { show: false } : grid,
        values,
        size: 62,
        // Whole things are not counted in halves.
        ...(config.decimals === 0 ? { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6] } : {}),
        ...(axisLabel ? { label: axisLabel, labelSize: 16, labelFont: '11px system-ui, sans-serif' } : {}),
      };
    });
  return {
    ...size,
    scales,
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      focus: { prox: 24 },
    },
    focus: { alpha: 1 },
    axes: [{ ...text, grid, space: 70, values: clocks }, ...axes],
    series: [{}, ...series.map((one, index) => lineOf(one, index, series.length))],
    bands: bandsOf(series),
    hooks: {
      draw: [(chart) => drawMarks(chart, board.marks()), (chart) => drawThresholds(chart, first)],
      setSelect: [(chart) => zoom(chart, board)],
      setCursor: [(chart) => tell(chart, series, columns, panel, board)],
    },
  };
}

function clocks(chart, splits, _axis, _space, step) {
  const span = ((chart.scales.x.max ?? 0) - (chart.scales.x.min ?? 0)) * 1000;
  return splits.map((at) => clock(at * 1000, span, step * 1000));
}

function unitOf({ unit, custom }) {
  return custom?.stacking?.mode === 'percent' ? 'percentunit' : (unit ?? undefined);
}

function scaleFor(config) {
  const { type, log } = config.custom?.scaleDistribution ?? {};
  if (type === 'log') return { distr: 3, log: log === 2 ? 2 : 10 };
  return { range: (_, low, high) => rangeOf(config, low, high) };
}

/** Ratios begin at nothing; a line that is even stands in the middle. */
function rangeOf({ min, max, custom = {} }, low, high) {
  const { axisSoftMin = 0, axisSoftMax } = custom;
  const isShare = custom.stacking?.mode === 'percent';
  const least = min ?? Math.min(low ?? 0, axisSoftMin ?? 0);
  const above = Math.max(high ?? least, axisSoftMax ?? high ?? least);
  const most = max ?? (isShare ? 1 : above <= least ? least + 1 : above + (above - least) * 0.06);
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
    dash: custom.lineStyle?.fill === 'dash' ? (custom.lineStyle.dash ?? [10, 10]) : undefined,
    points: { ...(points ? { show: true } : {}), size: custom.pointSize ?? 5, stroke: color, fill: color },
    paths: pathsOf(custom, isBars),
  };
}

function pathsOf({ lineInterpolation }, isBars) {
  if (isBars) return uPlot.paths.bars?.({ size: [0.8, 40] });
  if (lineInterpolation === 'stepBefore') return uPlot.paths.stepped?.({ align: -1 });
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
  if (mode.includes('area')) fillThresholds({ ctx, bbox, valToPos, scales }, thresholds?.steps ?? []);
  if (mode === 'area') return;
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

function fillThresholds({ ctx, bbox, valToPos, scales }, steps) {
  const within = (value) => Math.min(scales.left.max ?? 0, Math.max(scales.left.min ?? 0, value));
  ctx.save();
  ctx.globalAlpha = 0.12;
  steps.forEach(({ value, color }, index) => {
    const from = valToPos(within(value ?? Number.NEGATIVE_INFINITY), 'left', true);
    const to = valToPos(within(steps[index + 1]?.value ?? Number.POSITIVE_INFINITY), 'left', true);
    ctx.fillStyle = paint(color);
    ctx.fillRect(bbox.left, to, bbox.width, from - to);
  });
  ctx.restore();
}

/** Shows where the pointer is over another picture, and tells others where it is over this one. */
function followed(chart, board) {
  const follower = (at) => {
    const left = at === undefined ? -10 : chart.valToPos(at / 1000, 'x');
    chart.setCursor({ left, top: at === undefined ? -10 : 0 }, false);
  };
  chart.over.addEventListener('mousemove', () => {
    board.crosshair.at(chart.posToVal(chart.cursor.left ?? 0, 'x') * 1000, follower);
  });
  chart.over.addEventListener('mouseleave', () => {
    board.crosshair.at(undefined, follower);
    board.tip(undefined);
  });
  return board.crosshair.follow(follower);
}

/** What a picture shows, for who cannot see it: its latest figures, and those of a moment that arrow keys choose. */
function readable(plot, chart, series, columns, panel, board) {
  const said = (one, value) => `${one.name} ${display(value, one.config).text}`;
  const latest = series.slice(0, 12).map((one) => said(one, reduce(one.values, 'last')));
  plot.tabIndex = 0;
  plot.setAttribute('role', 'img');
  plot.setAttribute('aria-label', `${board.scope.text(panel.title)}: ${latest.join(', ')}`);
  const links = (index, { x, y }) => {
    const near = series.findIndex(({ config }, place) => config.links?.length > 0 && isNear(chart, columns, place));
    if (near === -1 || index === null) return;
    const made = linksOf(series[near], columns[near][index], chart.data[0][index] * 1000, board);
    if (made) board.pin(element('div', {}, said(series[near], columns[near][index]), made), plot, { x, y });
  };
  plot.addEventListener('keydown', (event) => {
    const last = chart.data[0].length - 1;
    const now = chart.cursor.idx ?? last;
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    if (event.key === 'Enter') {
      const { left, top } = plot.getBoundingClientRect();
      links(now, { x: left + 80, y: top + 20 });
    }
    if (next === undefined || last < 0) return;
    event.preventDefault();
    const index = Math.min(last, Math.max(0, next));
    const at = chart.data[0][index];
    chart.setCursor({ left: chart.valToPos(at, 'x'), top: 0 }, false);
    board.crosshair.at(at * 1000);
    const figures = series.map((one, place) => [one, columns[place][index]]);
    const there = figures.filter(([, value]) => typeof value === 'number').slice(0, 12);
    board.read(`${moment(at * 1000)}: ${there.map(([one, value]) => said(one, value)).join(', ')}`);
  });
  chart.over.addEventListener('click', ({ clientX, clientY }) => links(chart.cursor.idx, { x: clientX, y: clientY }));
}

/** The series whose line is the nearest to the pointer, or any for the keyboard. */
function isNear(chart, columns, place) {
  const { idx, top = -1 } = chart.cursor;
  if (idx === null || idx === undefined || !chart.over.matches(':hover')) return true;
  const distance = (index) => Math.abs(chart.valToPos(columns[index][idx] ?? Infinity, 'left') - top);
  return columns.every((_, other) => distance(place) <= distance(other) || Number.isNaN(distance(other)));
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
    element('div', {}, element('div', { class: 'quiet' }, moment(at)), element('table', {}, ...lines, ...said)),
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
    'aria-label': word('series'),
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
    element('th', { scope: 'col' }, word('name')),
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
