import { readFileSync } from 'node:fs';
import { parseDuration } from '../../../metrics/store/duration.ts';
import { VirtflowError } from '../../../model/errors.ts';
import { type Command, type CommandCall, textIn, wordOf } from '../command.ts';

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
    return 0;
  },
};

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

export const metricCommands: readonly Command[] = [query, retention];

function queryOf(call: CommandCall): unknown {
  const { values } = call;
  const file = textIn(values, 'file');
  if (file !== undefined) return parsed(file);
  const every = textIn(values, 'every');
  const field = textIn(values, 'field');
  if (field === undefined) throw invalid('--field', 'it is missing');
  return {
    measurement: wordOf(call, 'measurement'),
    select: [[{ type: 'field', params: [field] }, { type: textIn(values, 'function') ?? 'mean' }]],
    groupBy: [
      ...(every === undefined ? [] : [{ type: 'time', params: [every] }]),
      ...textsIn(values.by, ['name']).map((tag) => ({ type: 'tag', params: [tag] })),
      { type: 'fill', params: ['none'] },
    ],
    tags: textsIn(values.where, []).map(conditionOf),
  };
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
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined) throw invalid('--where', 'it is tag=value');
  return { key, operator: '=', value };
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
