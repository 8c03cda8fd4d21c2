import { readFileSync } from 'node:fs';
import { parseCalendar } from '../../../calendar/window.ts';
import { VirtflowError } from '../../../model/errors.ts';
import { parseJson } from '../../../model/json.ts';
import { type Command, type CommandCall, wordOf } from '../command.ts';
import { minuteOf } from '../views.ts';

/** `name at time`, of what an answer lists. */
type Line = Readonly<Record<string, unknown>>;

const next: Command = {
  name: 'calendar next',
  words: '',
  says: 'What schedules will start in the next week, and what clashes.',
  options: {},
  run: async (call) => {
    const body = await call.client.ask('/calendar');
    if (call.json) return print(call, body);
    for (const { at, name, held } of linesOf(body, 'next')) {
      call.terminal.print(`${minuteOf(at)}  ${String(name)}${typeof held === 'string' ? `  (${held})` : ''}`);
    }
    for (const { says } of linesOf(body, 'conflicts')) call.terminal.print(`! ${String(says)}`);
    return 0;
  },
};

const windows: Command = {
  name: 'calendar windows',
  words: '',
  says: 'When windows are open, a week back and a week ahead.',
  options: {},
  run: async (call) => {
    const body = await call.client.ask('/calendar');
    if (call.json) return print(call, body);
    for (const { id, kind, from, until, reason } of linesOf(body, 'windows')) {
      call.terminal.print(`${minuteOf(from)}  ${minuteOf(until)}  ${String(kind)} ${String(id)}: ${String(reason)}`);
    }
    return 0;
  },
};

const check: Command = {
  name: 'calendar check',
  words: '<file>',
  says: 'Whether a calendar.json can be used; nothing is changed.',
  options: {},
  run: async (call) => {
    const path = wordOf(call, 'file');
    const { windows: found } = parseCalendar(readJson(path));
    call.terminal.print(`${path} holds ${found.length} windows and can be used`);
    return 0;
  },
};

export const calendarCommands: readonly Command[] = [next, windows, check];

function print({ terminal }: CommandCall, body: unknown): number {
  terminal.print(JSON.stringify(body, null, 2));
  return 0;
}

function linesOf(body: unknown, part: string): readonly Line[] {
  const found: unknown = Object.entries(Object(body)).find(([key]) => key === part)?.[1];
  return Array.isArray(found) ? found.map((line: unknown) => ({ ...Object(line) })) : [];
}

function readJson(path: string): unknown {
  try {
    return parseJson(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VirtflowError('WINDOWS_INVALID', { reason: `${path}: ${reason}` }, { cause: error });
  }
}
