import type { Access } from '../../lib/access/access.ts';
import type { Account, AccountGrant } from '../../lib/access/account.ts';
import { describeScope } from '../../lib/access/scope.ts';
import { whoTypes, withAccess } from './with-access.ts';
import { type AccessWords, grantOf, type Subcommand, scopeOptions, subcommand, wordsAs } from './words.ts';

type Command = (access: Access, words: readonly string[], options: AccessWords, json: boolean) => Promise<void> | void;

const commands: Readonly<Record<string, Subcommand<Command>>> = {
  add: { run: add, takes: ['role', ...scopeOptions] },
  list: { run: list, takes: [] },
  role: { run: role, takes: ['add', 'deny', ...scopeOptions] },
  remove: { run: remove, takes: [] },
};

/** `virtflow user add|list|role|remove` */
export async function userCommand(dataDirectory: string, options: AccessWords, json: boolean): Promise<void> {
  const { run, words } = subcommand(commands, options);
  await withAccess(dataDirectory, (access) => run(access, words, options, json));
}

async function add(access: Access, words: readonly string[], options: AccessWords): Promise<void> {
  const [name = ''] = wordsAs(words, 'name');
  const grant = grantOf(options.role ?? 'viewer', options);
  console.log(`user      ${name}\npassword  ${await access.accounts.add(whoTypes(), name, [grant])}`);
}

function list(access: Access, words: readonly string[], _options: AccessWords, json: boolean): void {
  wordsAs(words);
  const accounts = access.accounts.list().map(({ password: _, ...account }) => account);
  if (json) console.log(JSON.stringify(accounts, null, 2));
  else for (const account of accounts) console.log(accountLine(account));
}

/** One role in the place of all others; with --add or --deny beside them. */
function role(access: Access, words: readonly string[], options: AccessWords): void {
  const [name = '', roleName = ''] = wordsAs(words, 'name', 'role');
  const before = access.accounts.get(name).grants;
  const keeps = options.add === true || options.deny === true;
  const grants: readonly AccountGrant[] = roleName === 'none' ? [] : [grantOf(roleName, options)];
  access.accounts.grant(whoTypes(), name, keeps ? [...before, ...grants] : grants);
  console.log(accountLine(access.accounts.get(name)));
}

function remove(access: Access, words: readonly string[]): void {
  const [name = ''] = wordsAs(words, 'name');
  access.accounts.remove(whoTypes(), name);
  console.log(`${name} is gone, with all sessions and tokens.`);
}

/** A line of a list of users or services. */
export function accountLine({ name, kind, grants, owner }: Omit<Account, 'password'>): string {
  const rights = grants.map(
    ({ effect, role, scope }) => `${effect === 'deny' ? 'not ' : ''}${role} ${describeScope(scope)}`,
  );
  const of = owner === undefined ? '' : `  (of ${owner})`;
  return `${name.padEnd(16)} ${kind.padEnd(8)} ${rights.join('; ') || 'nothing'}${of}`;
}
