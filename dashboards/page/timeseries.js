import { clock } from './canvas.js';
import { colorOf, element } from './dom.js';
import { legendOf } from './legend.js';
import { drawMarks, drawThresholds } from './overlays.js';
import { followed, readable, tell, zoom } from './pointer.js';
import { aligned, seriesOf } from './series.js';
import { axisSteps, format, seriesColor } from './units.js';
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
        incrs: axisSteps(unitOf(config), config.decimals),
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
