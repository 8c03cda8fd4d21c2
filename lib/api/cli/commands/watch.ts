import { asOperation } from '../answers.ts';
import { type Command, textIn } from '../command.ts';
import type { ServerEvent } from '../server-events.ts';
import { operationLine } from '../views.ts';

const pauseMs = 1_000;

const watch: Command = {
  name: 'watch',
  words: '',
  says: 'What happens, as it happens, until you interrupt it.',
  options: {
    type: {
      type: 'string',
      value: 'type,…',
      says: 'operation, inventory, hypervisor, alert, connection; all unless told.',
    },
    connection: { type: 'string', value: 'name', says: 'On this connection.' },
    object: { type: 'string', value: 'connection/kind/id', says: 'About this object.' },
    operation: { type: 'string', value: 'id', says: 'Of this operation.' },
  },
  run: async ({ client, values, terminal, json, signal }) => {
    const query = Object.fromEntries(
      ['type', 'connection', 'object', 'operation'].map((name) => [name, textIn(values, name)]),
    );
    for (let latest: string | undefined; !signal.aborted; ) {
      for await (const event of client.events(query, signal, latest)) {
        latest = event.id ?? latest;
        terminal.print(json ? JSON.stringify(event) : lineOf(event));
      }
      // The server ended it: it stops, or we were too slow. What was missed is told when it is there again.
      await pause(pauseMs, signal);
    }
    return 0;
  },
};

export const watchCommands: readonly Command[] = [watch];

function lineOf({ type, data }: ServerEvent): string {
  if (type === 'operation') return operationLine(asOperation(data));
  return `${type}  ${JSON.stringify(data)}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}
