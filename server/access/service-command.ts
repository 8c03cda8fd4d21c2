import type { Access } from '../../lib/access/access.ts';
import { accountLine } from './user-command.ts';
import { whoTypes, withAccess } from './with-access.ts';
import { type AccessWords, grantOf, invalid, type Subcommand, scopeOptions, subcommand, wordsAs } from './words.ts';

type Command = (access: Access, words: readonly string[], options: AccessWords, json: boolean) => void;

const commands: Readonly<Record<string, Subcommand<Command>>> = {
  add: { run: add, takes: ['owner', 'role', ...scopeOptions] },
  list: { run: list, takes: [] },
  remove: { run: remove, takes: [] },
};

/** `virtflow service add|list|remove` */
export async function serviceCommand(dataDirectory: string, options: AccessWords, json: boolean): Promise<void> {
  const { run, words } = subcommand(commands, options);
  await withAccess(dataDirectory, (access) => run(access, words, options, json));
}

function add(access: Access, words: readonly string[], options: AccessWords): void {
  const [name = ''] = wordsAs(words, 'name');
  if (options.owner === undefined) throw invalid('--owner', 'it is missing');
  access.accounts.addService(whoTypes(), name, options.owner, [grantOf(options.role ?? 'viewer', options)]);
  console.log(accountLine(access.accounts.get(name)));
}

function list(access: Access, words: readonly string[], _options: AccessWords, json: boolean): void {
  wordsAs(words);
  const services = access.accounts.list().filter(({ kind }) => kind === 'service');
  const shown = services.map(({ password: _, ...account }) => account);
  if (json) console.log(JSON.stringify(shown, null, 2));
  else for (const account of shown) console.log(accountLine(account));
}

function remove(access: Access, words: readonly string[]): void {
  const [name = ''] = wordsAs(words, 'name');
  access.accounts.removeService(whoTypes(), name);
  console.log(`${name} is gone; flows that name it may do nothing.`);
}
