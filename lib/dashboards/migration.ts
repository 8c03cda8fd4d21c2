type Json = Readonly<Record<string, unknown>>;

/**
 * Brings a file that an older or newer Grafana has written to the shape that is drawn here: what its API wraps around a
 * dashboard, rows from before version 5, single figures and graphs from before version 8, parts of a library. Where
 * nothing corresponds to something, it stays as it is, and is told as not drawn.
 * @param fallbackUid for a file that has none
 */
export function migrated(value: unknown, fallbackUid: string): unknown {
  const file = unwrapped(value);
  if (!isObject(file) || !(Array.isArray(file.panels) || Array.isArray(file.rows))) return file;
  const panels = list(file.panels).length > 0 ? list(file.panels) : list(file.rows).flatMap(fromRow);
  let nextId = 1 + largestId(panels);
  const withId = (panel: Json): Json => (typeof panel.id === 'number' ? panel : { ...panel, id: nextId++ });
  const modern = (panel: Json): Json => withId(panelOf(panel));
  const made = panels.map((panel) => {
    const inner = list(panel.panels);
    return modern(inner.length > 0 ? { ...panel, panels: inner.map(modern) } : panel);
  });
  const { uid, title, schemaVersion = 16 } = file;
  return {
    ...file,
    uid: typeof uid === 'string' && uid !== '' ? uid : fallbackUid,
    title: title ?? fallbackUid,
    schemaVersion,
    panels: made,
  };
}

/** An answer of the API has the dashboard inside, and so has a resource of newer ones. */
function unwrapped(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (isObject(value.dashboard) && !Array.isArray(value.panels)) return value.dashboard;
  const { spec, kind, metadata } = value;
  if (kind !== 'Dashboard' || !isObject(spec) || !Array.isArray(spec.panels)) return value;
  const name = isObject(metadata) ? metadata.name : undefined;
  return { uid: name, ...spec };
}

const columns = 24;

/** A row of before had a height, and its panels a span of twelve. */
function fromRow(row: Json, index: number): Json[] {
  const h = Math.max(3, Math.round(pixels(row.height ?? 250) / 38));
  let x = 0;
  const panels = list(row.panels).map((panel) => {
    const w = Math.min(columns, 2 * Number(panel.span ?? 12));
    if (x + w > columns) x = 0;
    const placed = { ...panel, gridPos: { x, y: index * 100 + 1, w, h } };
    x += w;
    return placed;
  });
  const isRow = row.showTitle === true || row.collapse === true || typeof row.repeat === 'string';
  if (!isRow) return panels;
  const { title, repeat } = row;
  const collapsed = row.collapse === true;
  const head = { type: 'row', title, repeat, collapsed, gridPos: { x: 0, y: index * 100, w: columns, h: 1 } };
  return collapsed ? [{ ...head, panels }] : [head, ...panels];
}

function pixels(height: unknown): number {
  return Number.parseInt(String(height), 10) || 250;
}

function largestId(panels: readonly Json[]): number {
  const ids = panels
    .flatMap((panel) => [panel, ...list(panel.panels)])
    .map(({ id }) => (typeof id === 'number' ? id : 0));
  return Math.max(0, ...ids);
}

function panelOf(panel: Json): Json {
  const { type, libraryPanel } = panel;
  if (type === undefined && isObject(libraryPanel)) {
    const title = panel.title ?? libraryPanel.name;
    return { ...panel, type: 'library-panel', title };
  }
  if (type === 'graph') return fromGraph(panel);
  if (type === 'singlestat' || type === 'grafana-singlestat-panel') return fromSingleStat(panel);
  if (type === 'table-old' || (type === 'table' && Array.isArray(panel.styles))) return { ...panel, type: 'table' };
  return withFieldConfig(panel);
}

/** Versions 6 had what is the field configuration now in `options.fieldOptions`. */
function withFieldConfig(panel: Json): Json {
  const { options, fieldConfig } = panel;
  if (fieldConfig !== undefined || !isObject(options) || !isObject(options.fieldOptions)) return panel;
  const { calcs = ['lastNotNull'], values = false, defaults = {} } = options.fieldOptions;
  return {
    ...panel,
    options: { ...options, reduceOptions: { calcs: anyIn(calcs).map(calcOf), values, fields: '' } },
    fieldConfig: { defaults: withSteps(defaults), overrides: [] },
  };
}

function withSteps(defaults: unknown): Json {
  if (!isObject(defaults)) return {};
  const { thresholds, mappings, ...rest } = defaults;
  return { ...rest, ...(isObject(thresholds) ? { thresholds } : {}) };
}

function fromGraph(panel: Json): Json {
  const [left] = list(panel.yaxes);
  const legend = isObject(panel.legend) ? panel.legend : {};
  const calcs = ['min', 'max', 'avg', 'current', 'total'].filter((name) => legend[name] === true).map(calcOf);
  const isFilled = typeof panel.fill === 'number' ? panel.fill * 10 : 10;
  const custom = {
    drawStyle: panel.bars === true ? 'bars' : panel.lines === false && panel.points === true ? 'points' : 'line',
    fillOpacity: isFilled,
    lineWidth: numberIn(panel.linewidth, 1),
    lineInterpolation: panel.steppedLine === true ? 'stepAfter' : 'linear',
    spanNulls: panel.nullPointMode === 'connected',
    stacking: { mode: panel.stack === true ? (panel.percentage === true ? 'percent' : 'normal') : 'none', group: 'A' },
    ...(left?.logBase === 10 || left?.logBase === 2 ? { scaleDistribution: { type: 'log', log: left.logBase } } : {}),
    ...(typeof left?.label === 'string' ? { axisLabel: left.label } : {}),
    ...(list(panel.thresholds).length > 0 ? { thresholdsStyle: { mode: 'line' } } : {}),
  };
  const steps = list(panel.thresholds).map(({ value, colorMode }) => ({
    value,
    color: colorMode === 'critical' ? 'red' : colorMode === 'ok' ? 'green' : 'orange',
  }));
  const defaults = {
    unit: left?.format,
    ...numbers({ min: left?.min, max: left?.max, decimals: panel.decimals }),
    ...(steps.length > 0
      ? { thresholds: { mode: 'absolute', steps: [{ value: null, color: 'green' }, ...steps] } }
      : {}),
    custom,
  };
  const placement = legend.rightSide === true ? 'right' : 'bottom';
  const displayMode = legend.alignAsTable === true ? 'table' : 'list';
  return {
    ...panel,
    type: 'timeseries',
    thresholds: undefined,
    fieldConfig: { defaults, overrides: [] },
    options: {
      legend: { showLegend: legend.show !== false, displayMode, placement, calcs },
      tooltip: { mode: 'multi' },
    },
  };
}

function fromSingleStat(panel: Json): Json {
  const { format, valueName, thresholds, colors, gauge, nullText, sparkline, colorBackground, colorValue } = panel;
  const limits = String(thresholds ?? '')
    .split(',')
    .filter((one) => one.trim() !== '')
    .map(Number);
  const shades = anyIn(colors).map(String);
  const steps = [null, ...limits].map((value, index) => ({ value, color: shades[index] ?? 'green' }));
  const isGauge = isObject(gauge) && gauge.show === true;
  const bounds = isGauge && isObject(gauge) ? numbers({ min: gauge.minValue, max: gauge.maxValue }) : {};
  const reduceOptions = { calcs: [calcOf(valueName ?? 'avg')], values: false, fields: '' };
  const hasLine = isObject(sparkline) && sparkline.show === true;
  const colorMode = colorBackground === true ? 'background' : colorValue === true ? 'value' : 'none';
  return {
    ...panel,
    type: isGauge ? 'gauge' : 'stat',
    thresholds: undefined,
    fieldConfig: {
      defaults: {
        unit: format,
        ...numbers({ decimals: panel.decimals }),
        ...bounds,
        ...(typeof nullText === 'string' ? { noValue: nullText } : {}),
        thresholds: { mode: 'absolute', steps },
        color: { mode: 'thresholds' },
      },
      overrides: [],
    },
    options: { reduceOptions, colorMode, graphMode: hasLine ? 'area' : 'none', textMode: 'auto' },
  };
}

const calcs: Readonly<Record<string, string>> = { avg: 'mean', current: 'lastNotNull', total: 'sum' };

function calcOf(name: unknown): string {
  return calcs[String(name)] ?? String(name);
}

/** Those of them that are numbers, or were written as such. */
function numbers(values: Json): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      const number = value === null || value === undefined || value === '' ? Number.NaN : Number(value);
      return Number.isFinite(number) ? [[key, number]] : [];
    }),
  );
}

function numberIn(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function anyIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
