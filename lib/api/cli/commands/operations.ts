import { asItems, asOperation } from '../answers.ts';
import { type Command, textIn, waitOptions, wordOf, wordsOf } from '../command.ts';
import { exitCodeOfStates } from '../exit-codes.ts';
import { followed, started, tell } from '../following.ts';
import type { Options } from '../options.ts';
import { operationLine, operationText } from '../views.ts';

const filters = {
  object: { type: 'string', value: 'connection/kind/id', says: 'That touch this object.' },
  connection: { type: 'string', value: 'name', says: 'On this connection.' },
  action: { type: 'string', value: 'id', says: 'Of this action.' },
  state: { type: 'string', value: 'state,…', says: 'In one of these states.' },
  since: { type: 'string', value: 'time', says: 'Asked for since then, such as 2026-01-31T08:00:00Z.' },
  before: { type: 'string', value: 'time', says: 'Asked for before then.' },
  principal: { type: 'string', value: 'user', says: 'That this user or service asked for.' },
  run: { type: 'string', value: 'id', says: 'That one trigger of a flow set off.' },
  parent: { type: 'string', value: 'operation', says: 'The members of this group.' },
  limit: { type: 'string', value: 'number', says: 'So many at most; 50 unless told.' },
} as const satisfies Options;

const operations: Command = {
  name: 'operations',
  words: '',
  says: 'What is being done and was done, newest first.',
  options: filters,
  run: async ({ client, values, terminal, json }) => {
    const query = Object.fromEntries(Object.keys(filters).map((name) => [name, textIn(values, name)]));
    const { items } = asItems(await client.ask('/operations', { query: { limit: '50', ...defined(query) } }));
    if (json) terminal.print(JSON.stringify(items, null, 2));
    else for (const item of items) terminal.print(operationLine(asOperation(item)));
    return 0;
  },
};

const operation: Command = {
  name: 'operation',
  words: '<operation>',
  says: 'All that is known of an operation: why, what it changed, its calls, how to take it back.',
  options: {},
  run: async (call) => {
    const { client, terminal, json } = call;
    const found = asOperation(await client.ask(pathOf(wordOf(call, 'operation'))));
    terminal.print(json ? JSON.stringify(found, null, 2) : operationText(found));
    return 0;
  },
};

const wait: Command = {
  name: 'wait',
  words: '<operation> …',
  says: 'Wait until operations have ended, and answer that with the exit code.',
  options: {},
  run: async (call) => {
    const ids = wordsOf(call, 'operation');
    const found = await Promise.all(ids.map(async (id) => asOperation(await call.client.ask(pathOf(id)))));
    const ended = await followed(call, found);
    tell(call, ended);
    return exitCodeOfStates(ended.map(({ state }) => state));
  },
};

const cancel: Command = {
  name: 'cancel',
  words: '<operation>',
  says: 'Cancel an operation, or a group with its members.',
  options: { wait: waitOptions.wait },
  run: async (call) => {
    const { client, values } = call;
    const path = `${pathOf(wordOf(call, 'operation'))}/cancel`;
    const told = asOperation(await client.ask(path, { method: 'POST' }));
    tell(call, values.wait === true ? await followed(call, [told]) : [told]);
    return 0;
  },
};

/** What follows from an operation that has ended. */
function sequel(name: 'undo' | 'retry', says: string): Command {
  return {
    name,
    words: '<operation>',
    says,
    options: waitOptions,
    run: async (call) => {
      const path = `${pathOf(wordOf(call, 'operation'))}/${name}`;
      return started(call, await call.client.ask(path, { method: 'POST', body: { plan: call.values.plan === true } }));
    },
  };
}

export const operationCommands: readonly Command[] = [
  operations,
  operation,
  wait,
  cancel,
  sequel('undo', 'Take an ended operation or group back.'),
  sequel('retry', 'Do again what of a group failed or was not begun.'),
];

function pathOf(id: string): string {
  return `/operations/${encodeURIComponent(id)}`;
}

function defined(query: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
