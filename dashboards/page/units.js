import { moment, number, word } from './words.js';

const bytes = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const decimalBytes = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const perSecond = (names) => names.map((name) => `${name}/s`);

/** Grafana's ids of units, as steps of a size. */
const scaled = {
  bytes: [1024, bytes],
  decbytes: [1000, decimalBytes],
  kbytes: [1024, bytes.slice(1)],
  mbytes: [1024, bytes.slice(2)],
  gbytes: [1024, bytes.slice(3)],
  deckbytes: [1000, decimalBytes.slice(1)],
  decmbytes: [1000, decimalBytes.slice(2)],
  decgbytes: [1000, decimalBytes.slice(3)],
  bits: [1024, ['b', 'Kib', 'Mib', 'Gib', 'Tib']],
  decbits: [1000, ['b', 'kb', 'Mb', 'Gb', 'Tb']],
  Bps: [1000, perSecond(decimalBytes)],
  binBps: [1024, perSecond(bytes)],
  bps: [1000, ['b/s', 'kb/s', 'Mb/s', 'Gb/s', 'Tb/s']],
  short: [1000, ['', ' K', ' Mil', ' Bil', ' Tri']],
  binbps: [1024, ['b/s', 'Kib/s', 'Mib/s', 'Gib/s', 'Tib/s']],
  KBs: [1000, perSecond(decimalBytes).slice(1)],
  KiBs: [1024, perSecond(bytes).slice(1)],
  MBs: [1000, perSecond(decimalBytes).slice(2)],
  MiBs: [1024, perSecond(bytes).slice(2)],
  Kbits: [1000, ['kb/s', 'Mb/s', 'Gb/s', 'Tb/s']],
  Mbits: [1000, ['Mb/s', 'Gb/s', 'Tb/s']],
  hertz: [1000, ['Hz', 'kHz', 'MHz', 'GHz']],
  watt: [1000, ['W', 'kW', 'MW', 'GW']],
  watth: [1000, ['Wh', 'kWh', 'MWh', 'GWh']],
  volt: [1000, ['V', 'kV', 'MV']],
  amp: [1000, ['A', 'kA', 'MA']],
};
const plain = {
  none: '',
  string: '',
  locale: '',
  iops: ' io/s',
  ops: ' ops/s',
  opm: ' ops/min',
  cps: ' c/s',
  rps: ' rd/s',
  wps: ' wr/s',
  reqps: ' req/s',
  reqpm: ' req/min',
  pps: ' p/s',
  celsius: ' °C',
  fahrenheit: ' °F',
  kelvin: ' K',
  humidity: ' %H',
  dB: ' dB',
  rotrpm: ' rpm',
  kwatt: ' kW',
  kwatth: ' kWh',
  currencyEUR: ' €',
  currencyUSD: ' $',
};
const seconds = [
  [31_536_000, word('years')],
  [604_800, word('weeks')],
  [86_400, word('days')],
  [3_600, word('hours')],
  [60, word('mins')],
  [1, 's'],
  [1e-3, 'ms'],
  [1e-6, 'µs'],
  [1e-9, 'ns'],
];
const timeScale = { s: 1, ms: 1e-3, µs: 1e-6, ns: 1e-9, m: 60, h: 3_600, d: 86_400 };

const byOneTwoFive = (from, to) =>
  Array.from({ length: to - from }, (_, place) => [1, 2, 5].map((digit) => Number(`${digit}e${from + place}`))).flat();
const clockSteps = [1, 2, 5, 10, 15, 30].flatMap((step) => [step, step * 60]).sort((a, b) => a - b);
const hoursAndDays = [1, 2, 3, 6, 12, 24, 48, 168, 336, 672, 1_344, 4_368, 8_760].map((hours) => hours * 3_600);
const secondSteps = [...byOneTwoFive(-9, 0), ...clockSteps, ...hoursAndDays, ...byOneTwoFive(8, 12)];
const binarySteps = Array.from({ length: 71 }, (_, power) => 2 ** (power - 10));
const wholeSteps = byOneTwoFive(0, 16);

/** By how much the lines of an axis may be apart, so that round figures stand at them; undefined where any will do. */
export function axisSteps(unit, decimals) {
  if (scaled[unit]?.[0] === 1024) return binarySteps;
  if (unit in timeScale) return secondSteps.map((step) => step / timeScale[unit]);
  return decimals === 0 ? wholeSteps : undefined;
}

/** Writes a figure as Grafana does: `percentunit` 0.5 is 50%. */
export function format(value, unit = 'short', decimals = undefined) {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  if (typeof value !== 'number') return String(value);
  if (unit === 'percentunit') return `${fixed(value * 100, decimals)}%`;
  if (unit === 'percent') return `${fixed(value, decimals)}%`;
  if (unit === 'dtdurations' || unit === 'clocks' || unit === 'dtdhms') return duration(value);
  if (unit === 'dtdurationms' || unit === 'clockms') return duration(value / 1000);
  if (unit === 'dateTimeFromNow') return word('ago', { span: duration((Date.now() - value) / 1000) });
  if (unit.startsWith('dateTime') || unit.startsWith('time')) return moment(value);
  if (unit.startsWith('bool')) return word(value ? 'yes' : 'no');
  if (unit === 'sci') return value.toExponential(decimals ?? undefined);
  if (unit.startsWith('prefix:')) return unit.slice(7) + fixed(value, decimals);
  if (unit in timeScale) return time(value * timeScale[unit], decimals);
  if (unit in scaled) return inSteps(value, scaled[unit], decimals, unit === 'short' ? '' : ' ');
  return fixed(value, decimals) + (plain[unit] ?? (unit.startsWith('suffix:') ? ` ${unit.slice(7)}` : ` ${unit}`));
}

function inSteps(value, [factor, names], decimals, space) {
  let [size, step] = [Math.abs(value), 0];
  while (size >= factor && step < names.length - 1) [size, step] = [size / factor, step + 1];
  const name = names[step];
  return fixed(Math.sign(value) * size, decimals) + (name === '' ? '' : space + name);
}

function time(value, decimals) {
  const size = Math.abs(value);
  const [length, name] = seconds.find(([one]) => size >= one) ?? [1, 's'];
  return `${fixed(value / length, decimals)} ${name}`;
}

function duration(value) {
  const parts = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  let rest = Math.round(Math.abs(value));
  const said = [];
  for (const [length, name] of parts) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 && said.length < 2) said.push(`${count} ${name}`);
  }
  return said.length === 0 ? '0 s' : said.join(' ');
}

/** As many digits as say something. */
function fixed(value, decimals) {
  if (typeof decimals === 'number') return number(value, decimals, true);
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return number(value, digits);
}

const named = {
  green: ['#56a64b', '#73bf69'],
  'dark-green': ['#37872d', '#56a64b'],
  yellow: ['#c99a00', '#fade2a'],
  orange: ['#d9690b', '#ff9830'],
  red: ['#d3212f', '#f2495c'],
  'dark-red': ['#ad0317', '#e02f44'],
  blue: ['#1f60c4', '#5794f2'],
  'light-blue': ['#5794f2', '#8ab8ff'],
  purple: ['#8f3bb8', '#b877d9'],
  gray: ['#767c87', '#9aa1ac'],
  text: ['#1f2329', '#e3e5ea'],
  transparent: ['transparent', 'transparent'],
};
const classic = ['green', 'yellow', 'blue', 'orange', 'red', 'purple'];
const more = ['#0e8f8f', '#b0548f', '#7a8f1e', '#5c6bc0', '#a0622d', '#2e93b8'];

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

export function paint(color) {
  const known = named[color?.replace(/^(semi|super-light)-/, '') ?? ''] ?? named[color?.split('-').at(-1) ?? ''];
  return known ? known[isDark() ? 1 : 0] : (color ?? paint('green'));
}

/** The color of the n-th series. */
export function seriesColor(index, config = {}) {
  const { mode, fixedColor } = config.color ?? {};
  if ((mode === 'fixed' || mode === 'shades') && fixedColor) return paint(fixedColor);
  const place = index % (classic.length + more.length);
  return place < classic.length ? paint(classic[place]) : more[place - classic.length];
}

export function thresholdColor(value, config) {
  const { steps = [], mode } = config.thresholds ?? {};
  const scale = mode === 'percentage' ? ((config.max ?? 100) - (config.min ?? 0)) / 100 : 1;
  const offset = mode === 'percentage' ? (config.min ?? 0) : 0;
  if (config.color?.mode?.startsWith('continuous-')) return between(value, config);
  const step = steps.findLast(({ value: at }) => at === null || at === undefined || value >= offset + at * scale);
  return paint(step?.color ?? steps[0]?.color ?? 'green');
}

const ends = { Gr: 'green', Yl: 'yellow', Rd: 'red', Bl: 'blue', Pu: 'purple' };

/** Of a scheme such as `continuous-GrYlRd`, by where a value lies from the least to the greatest. */
function between(value, { color, min, max, unit }) {
  const stops = (color.mode.slice('continuous-'.length).match(/[A-Z][a-z]+/g) ?? []).map((one) =>
    paint(ends[one] ?? 'gray'),
  );
  if (stops.length < 2) return paint('green');
  const [low, high] = [min ?? 0, max ?? (unit === 'percentunit' ? 1 : 100)];
  const place = Math.min(1, Math.max(0, (value - low) / (high - low || 1))) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const [from, to] = [stops[index], stops[index + 1]].map(partsOf);
  return `#${from.map((one, part) => hex(one + (to[part] - one) * (place - index))).join('')}`;
}

function partsOf(color) {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

function hex(part) {
  return Math.round(part).toString(16).padStart(2, '0');
}

function mapped(value, mappings = []) {
  for (const { type, options } of mappings) {
    if (type === 'value' && options[String(value)]) return options[String(value)];
    if (type === 'special' && value === null && options.match.includes('null')) return options.result;
    if (type === 'range' && typeof value === 'number') {
      if (value >= (options.from ?? -Infinity) && value <= (options.to ?? Infinity)) return options.result;
    }
    if (type === 'regex' && fits(options.pattern, String(value))) return options.result;
  }
  return undefined;
}

function fits(pattern, text) {
  try {
    return new RegExp(pattern.replace(/^\/(.*)\/$/, '$1')).test(text);
  } catch {
    return false;
  }
}

/** What stands for a value, and in which color: mappings first, then unit and thresholds. */
export function display(value, config, index = 0) {
  const found = mapped(value, config.mappings);
  const text =
    found?.text ??
    (value === null || value === undefined
      ? (config.noValue ?? '–')
      : format(value, config.unit ?? undefined, config.decimals ?? undefined));
  const byValue =
    config.color?.mode === 'thresholds' ||
    config.color?.mode?.startsWith('continuous-') ||
    (config.color === undefined && config.thresholds);
  const color = found?.color
    ? paint(found.color)
    : byValue && typeof value === 'number'
      ? thresholdColor(value, config)
      : value === null || value === undefined
        ? ''
        : seriesColor(index, config);
  return { text, color };
}

/** Null for a calculation that is not known: what is drawn by Grafana alone is told beneath the panels. */
export function reduce(values, calc = 'lastNotNull') {
  const there = values.filter((value) => typeof value === 'number');
  if (calc === 'count') return there.length;
  if (there.length === 0) return null;
  if (calc === 'min') return there.reduce((a, b) => Math.min(a, b));
  if (calc === 'max') return there.reduce((a, b) => Math.max(a, b));
  if (calc === 'sum') return there.reduce((a, b) => a + b);
  if (calc === 'mean') return there.reduce((a, b) => a + b) / there.length;
  if (calc === 'first' || calc === 'firstNotNull') return there[0];
  return calc === 'last' || calc === 'lastNotNull' ? there.at(-1) : null;
}

export const calcTitles = {
  lastNotNull: word('last'),
  last: word('last'),
  min: word('min'),
  max: word('max'),
  mean: word('mean'),
  sum: word('total'),
};
