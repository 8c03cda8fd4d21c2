import type { Access } from '../../lib/access/access.ts';
import { builtInRoles } from '../../lib/access/role.ts';
import { whoTypes, withAccess } from './with-access.ts';
import { type AccessWords, type Subcommand, subcommand, wordsAs } from './words.ts';

type Command = (access: Access, words: readonly string[], options: AccessWords, json: boolean) => void;

const commands: Readonly<Record<string, Subcommand<Command>>> = {
  set: { run: set, takes: ['permission'] },
  list: { run: list, takes: [] },
  remove: { run: remove, takes: [] },
};

/** `virtflow role set|list|remove` */
export async function roleCommand(dataDirectory: string, options: AccessWords, json: boolean): Promise<void> {
  const { run, words } = subcommand(commands, options);
  await withAccess(dataDirectory, (access) => run(access, words, options, json));
}

function set(access: Access, words: readonly string[], { permission = [] }: AccessWords): void {
  const [name = ''] = wordsAs(words, 'name');
  access.accounts.putRole(whoTypes(), { name, permissions: permission });
  console.log(`${name}: ${permission.join(', ')}`);
}

function list(access: Access, words: readonly string[], _options: AccessWords, json: boolean): void {
  wordsAs(words);
  const own = access.accounts.roles();
  const lines = own.map(({ name, permissions }) => `${name}: ${permissions.join(', ')}`);
  if (json) console.log(JSON.stringify({ builtIn: builtInRoles, own }, null, 2));
  else console.log([`built in: ${builtInRoles.join(' < ')}`, ...lines].join('\n'));
}

function remove(access: Access, words: readonly string[]): void {
  const [name = ''] = wordsAs(words, 'name');
  access.accounts.removeRole(whoTypes(), name);
  console.log(`The role ${name} is gone.`);
}
