import { word } from './words.js';

/** The times that answers share stand beside them, once each. */
export function unfold({ panels, times, configs, ...rest }) {
  const field = ({ times: at, config, ...own }) => ({
    ...own,
    config: configs[config] ?? {},
    values: at === undefined ? own.values : times[at],
  });
  const opened = panels.map((panel) => ({
    ...panel,
    frames: panel.frames.map((frame) => ({ ...frame, fields: frame.fields.map(field) })),
  }));
  return { ...rest, panels: opened };
}

/** What a picture is drawn from, as one table; tables are as they are. */
export function tableOf(frames) {
  if (frames.some(({ fields }) => fields.some(({ type }) => type === 'string'))) return frames;
  const series = seriesOf(frames);
  if (series.length === 0) return [];
  const { times, columns } = aligned(series);
  const fields = series.map(({ name, config }, index) => ({ name, type: 'number', config, values: columns[index] }));
  return [{ refId: 'A', fields: [{ name: word('time'), type: 'time', config: {}, values: times }, ...fields] }];
}

/** Every column of figures with its times; what is named by a text column gets that name. */
export function seriesOf(frames) {
  return frames.flatMap((frame) => {
    const time = frame.fields.find(({ type }) => type === 'time');
    return frame.fields
      .filter(({ type, config }) => type === 'number' && config.custom?.hideFrom?.viz !== true)
      .map((field) => ({
        name: nameOf(field),
        labels: field.labels ?? {},
        config: field.config,
        times: time?.values ?? [],
        values: field.values,
      }));
  });
}

function nameOf({ name, labels = {}, config }) {
  if (!config.displayName) return name;
  return config.displayName
    .replaceAll('${__field.name}', () => name)
    .replace(/\$\{__field\.labels\.(\w+)\}/g, (_, label) => labels[label] ?? '');
}

/** One list of times for all series, as uPlot wants it. */
export function aligned(series) {
  const first = series[0]?.times ?? [];
  if (series.every(({ times }) => times === first))
    return { times: first, columns: series.map(({ values }) => values) };
  const times = [...new Set(series.flatMap((one) => one.times))].sort((a, b) => a - b);
  const place = new Map(times.map((at, index) => [at, index]));
  const columns = series.map((one) => {
    const values = new Array(times.length).fill(undefined);
    one.times.forEach((at, row) => {
      values[place.get(at)] = one.values[row];
    });
    return values;
  });
  return { times, columns };
}

/** A file as spreadsheets read it; what could be taken for a formula is quoted. */
export function csv(frames) {
  const series = frames.filter(({ fields }) => fields.some(({ type }) => type === 'time' || type === 'number'));
  const isTable = series.some(({ fields }) => fields.some(({ type }) => type === 'string'));
  const rows = isTable ? tableRows(series) : seriesRows(series);
  return rows.map((row) => row.map(cell).join(',')).join('\r\n');
}

function tableRows(frames) {
  return frames.flatMap(({ fields }) => [
    fields.map(({ name }) => name),
    ...(fields[0]?.values ?? []).map((_, row) => fields.map(({ type, values }) => written(type, values[row]))),
  ]);
}

function seriesRows(frames) {
  const series = seriesOf(frames);
  const { times, columns } = aligned(series);
  const head = [word('time'), ...series.map(({ name }) => name)];
  return [head, ...times.map((at, row) => [written('time', at), ...columns.map((values) => values[row])])];
}

function written(type, value) {
  return type === 'time' && typeof value === 'number' ? new Date(value).toISOString() : value;
}

function cell(value) {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
