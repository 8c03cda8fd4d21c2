import { VirtflowError } from '../../../model/errors.ts';
import { kindPaths } from '../../rest/schemas/objects.ts';
import { asItems } from '../answers.ts';
import { type Command, type CommandCall, textIn, wordOf } from '../command.ts';

const kinds: readonly string[] = Object.values(kindPaths);

const list: Command = {
  name: 'list',
  words: `${kinds.join('|')}|connections|actions`,
  says: 'What there is.',
  options: {
    connection: { type: 'string', value: 'name', says: 'On this connection.' },
    name: { type: 'string', value: 'name', says: 'Of this name; * stands for any characters.' },
    selector: { type: 'string', value: 'condition', says: 'For which it holds, such as "power = \'running\'".' },
  },
  run: async (call) => {
    const { terminal, json } = call;
    const items = await itemsOf(wordOf(call, 'what'), call);
    if (json) terminal.print(JSON.stringify(items, null, 2));
    else for (const item of items) terminal.print(lineOf(item));
    return 0;
  },
};

export const inventoryCommands: readonly Command[] = [list];

async function itemsOf(what: string, { client, values }: CommandCall): Promise<readonly unknown[]> {
  if (what === 'connections' || what === 'actions') return asItems(await client.ask(`/${what}`)).items;
  if (!kinds.includes(what)) {
    const reason = `there are ${[...kinds, 'connections', 'actions'].join(', ')}`;
    throw new VirtflowError('OPTION_INVALID', { option: what, reason });
  }
  const query = {
    connection: textIn(values, 'connection'),
    name: textIn(values, 'name'),
    selector: textIn(values, 'selector'),
  };
  const items: unknown[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = asItems(await client.ask(`/inventory/${what}`, { query: { ...query, cursor } }));
    items.push(...page.items);
    cursor = page.next;
    if (cursor === undefined) return items;
  }
}

/** What people look for first: which it is, how it is, and where. */
function lineOf(item: unknown): string {
  const told: Record<string, unknown> = typeof item === 'object' && item !== null ? { ...item } : {};
  const { connection, name, id, power, state, active, live, hostName, tags, label, role } = told;
  const which = connection === undefined ? String(name ?? id) : `${connection}/${name}`;
  const phase = typeof state === 'object' && state !== null && 'phase' in state ? state.phase : undefined;
  const how = power ?? phase ?? liveness(active ?? live) ?? label ?? '';
  const where = [hostName, Array.isArray(tags) ? tags.join(' ') : '', role].filter(
    (part) => typeof part === 'string' && part !== '',
  );
  return `${which.padEnd(32)}  ${String(how).padEnd(12)}  ${where.join('  ')}`.trimEnd();
}

function liveness(value: unknown): string | undefined {
  if (typeof value !== 'boolean') return undefined;
  return value ? 'up' : 'down';
}
