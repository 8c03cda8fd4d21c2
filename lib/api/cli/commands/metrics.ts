import { readFileSync } from 'node:fs';
import { buildQuery, conditionIn } from '../../../metrics/store/build-query.ts';
import { parseDuration } from '../../../metrics/store/duration.ts';
import { VirtflowError } from '../../../model/errors.ts';
import { type Command, type CommandCall, textIn, wordOf } from '../command.ts';
import type { Terminal } from '../terminal.ts';

const query: Command = {
  name: 'metrics query',
  words: '<measurement>',
  says: 'What was measured.',
  options: {
    field: { type: 'string', value: 'name', says: 'Such as cpu_ratio.' },
    function: { type: 'string', value: 'name', says: 'mean, min, max, last …; mean unless told.' },
    by: { type: 'string', value: 'tag', multiple: true, says: 'A series for each value of it; name unless told.' },
    where: { type: 'string', value: 'tag=value', multiple: true, says: 'Only of these.' },
    last: { type: 'string', value: 'time', says: 'The range up to now: 30m, 6h, 7d; 1h unless told.' },
    every: { type: 'string', value: 'time', says: 'A value for so long each; one over all unless told.' },
    file: { type: 'string', value: 'file', says: 'A query as Grafana stores it, in the place of the other options.' },
  },
  run: async (call) => {
    const { client, values, terminal, json } = call;
    const to = Date.now();
    const from = to - durationIn(values, 'last', '1h');
    const told = await client.ask('/metrics/query', { method: 'POST', body: { query: queryOf(call), from, to } });
    if (json) terminal.print(JSON.stringify(told, null, 2));
    else for (const line of linesOf(told)) terminal.print(line);
    if (!json) tellMissing(terminal, told);
    return 0;
  },
};

const summary: Command = {
  name: 'metrics summary',
  words: '<measurement>',
  says: 'A figure of each object over a time, in a few numbers.',
  options: {
    field: { type: 'string', value: 'name', says: 'Such as cpu_ratio.' },
    last: { type: 'string', value: 'time', says: 'The range up to now: 30m, 6h, 7d; 1h unless told.' },
  },
  run: async (call) => {
    const { client, values, terminal, json } = call;
    const field = textIn(values, 'field');
    if (field === undefined) throw invalid('--field', 'it is missing');
    const to = Date.now();
    const from = to - durationIn(values, 'last', '1h');
    const body = { measurement: wordOf(call, 'measurement'), field, from, to };
    const told = await client.ask('/metrics/summary', { method: 'POST', body });
    if (json) terminal.print(JSON.stringify(told, null, 2));
    else for (const item of list(record(told).items)) terminal.print(summaryLine(record(item)));
    if (!json) tellMissing(terminal, told);
    return 0;
  },
};

/** Figures of a part of the time must not be taken for those of all of it. */
function tellMissing(terminal: Terminal, told: unknown): void {
  const { missingBefore } = record(told);
  if (typeof missingBefore !== 'number') return;
  terminal.tell(
    `of before ${new Date(missingBefore).toISOString()} nothing is told: it needs points that are kept no longer`,
  );
}

/** `lab/web-01 vda  min 0.1  mean 0.2  max 0.5  p95 0.4  last 0.1  (120)` */
function summaryLine(item: Readonly<Record<string, unknown>>): string {
  const part = item.disk ?? item.nic ?? item.mountpoint;
  const figures = ['min', 'mean', 'max', 'p95', 'last'].map(
    (name) => `${name} ${Number(Number(item[name]).toPrecision(6))}`,
  );
  const object = `${item.connection}/${item.name}${part === undefined ? '' : ` ${part}`}`;
  return [object, ...figures, `(${item.count})`].join('  ');
}

const state: Command = {
  name: 'metrics state',
  words: '',
  says: 'How the collection of each connection and the writing go on.',
  options: {},
  run: async ({ client, terminal, json }) => {
    const told = record(await client.ask('/metrics/state'));
    if (json) terminal.print(JSON.stringify(told, null, 2));
    else
      for (const line of [storeLine(record(told.store)), ...list(told.connections).map(record).map(collectionLine)]) {
        terminal.print(line);
      }
    return 0;
  },
};

function storeLine({
  engine,
  connected,
  written,
  waiting,
  refused,
  dropped,
  error,
}: Readonly<Record<string, unknown>>) {
  const counts = `${written} written, ${waiting} wait, ${refused} refused, ${dropped} given up`;
  return `${engine}: ${connected ? 'there' : 'away'}, ${counts}${problem(error)}`;
}

function collectionLine({
  connection,
  rounds,
  late,
  failed,
  samples,
  tookMs,
  error,
}: Readonly<Record<string, unknown>>) {
  const last = `the last ${samples} samples in ${Math.round(Number(tookMs))} ms`;
  return `${connection}: ${rounds} rounds, ${late} left out, ${failed} failed, ${last}${problem(error)}`;
}

function problem(error: unknown): string {
  return error === null ? '' : `: ${record(error).message}`;
}

const retention: Command = {
  name: 'metrics retention',
  words: 'run',
  says: 'Remove now what is older than metrics.json says.',
  options: {},
  run: async (call) => {
    const { client, terminal, json } = call;
    const word = wordOf(call, 'run');
    if (word !== 'run') throw invalid(word, 'there is run');
    const told = record(await client.ask('/metrics/retention/run', { method: 'POST', body: {} }));
    if (json) terminal.print(JSON.stringify(told, null, 2));
    else for (const level of list(told.levels)) terminal.print(removalLine(record(level)));
    return 0;
  },
};

function removalLine({ level, before, rows }: Readonly<Record<string, unknown>>): string {
  return `${rows} rows (${level}) from before ${new Date(Number(before)).toISOString()} were removed`;
}

export const metricCommands: readonly Command[] = [query, summary, state, retention];

function queryOf(call: CommandCall): unknown {
  const { values } = call;
  const file = textIn(values, 'file');
  if (file !== undefined) return parsed(file);
  const every = textIn(values, 'every');
  const field = textIn(values, 'field');
  if (field === undefined) throw invalid('--field', 'it is missing');
  return buildQuery({
    measurement: wordOf(call, 'measurement'),
    field,
    function: textIn(values, 'function') ?? 'mean',
    by: textsIn(values.by, ['name']),
    where: textsIn(values.where, []).map(conditionOf),
    every,
  });
}

function parsed(file: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
    return value;
  } catch (error) {
    throw invalid('--file', error instanceof Error ? error.message : String(error));
  }
}

function conditionOf(text: string) {
  const condition = conditionIn(text);
  if (!condition) throw invalid('--where', 'it is tag=value');
  return condition;
}

function durationIn(values: CommandCall['values'], name: string, otherwise: string): number {
  const text = textIn(values, name) ?? otherwise;
  const duration = parseDuration(text);
  if (duration === undefined) throw invalid(`--${name}`, `"${text.slice(0, 50)}" is not a time such as 30m or 6h`);
  return duration;
}

/** A line for each value: when, of which series, how much. */
function linesOf(told: unknown): string[] {
  return list(record(told).frames).flatMap((frame) => {
    const { times, columns } = record(frame);
    return list(columns).flatMap((column) => {
      const { name, values } = record(column);
      return list(times).map(
        (at, row) => `${new Date(Number(at)).toISOString()}  ${name}  ${list(values)[row] ?? '-'}`,
      );
    });
  });
}

function textsIn(value: unknown, otherwise: readonly string[]): readonly string[] {
  return Array.isArray(value) ? value.map(String) : otherwise;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function invalid(option: string, reason: string): VirtflowError {
  return new VirtflowError('OPTION_INVALID', { option, reason });
}
