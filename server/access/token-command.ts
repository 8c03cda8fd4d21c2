import type { Access } from '../../lib/access/access.ts';
import type { TokenRecord } from '../../lib/access/account.ts';
import { describeScope } from '../../lib/access/scope.ts';
import { whoTypes, withAccess } from './with-access.ts';
import { type AccessWords, invalid, type Subcommand, scopeOf, scopeOptions, subcommand, wordsAs } from './words.ts';

type Command = (access: Access, words: readonly string[], options: AccessWords, json: boolean) => void;

const commands: Readonly<Record<string, Subcommand<Command>>> = {
  create: { run: create, takes: ['permission', 'days', 'label', ...scopeOptions] },
  list: { run: list, takes: [] },
  revoke: { run: revoke, takes: [] },
};
const dayMs = 24 * 3_600_000;
const usualDays = '90';
const mostDays = 3650;

/** `virtflow token create|list|revoke` */
export async function tokenCommand(dataDirectory: string, options: AccessWords, json: boolean): Promise<void> {
  const { run, words } = subcommand(commands, options);
  await withAccess(dataDirectory, (access) => run(access, words, options, json));
}

function create(access: Access, words: readonly string[], options: AccessWords): void {
  const [owner = ''] = wordsAs(words, 'user');
  const { label = '', permission: permissions = ['*'], days = usualDays } = options;
  const wish = { owner, label, permissions, scope: scopeOf(options), expiresAt: expiryOf(days) };
  console.log(access.tokens.create(whoTypes(), wish));
  console.error('It is shown this once.');
}

function list(access: Access, words: readonly string[], _options: AccessWords, json: boolean): void {
  wordsAs(words);
  const tokens = access.tokens.list().map(({ digest: _, ...token }) => token);
  if (json) console.log(JSON.stringify(tokens, null, 2));
  else for (const token of tokens) console.log(line(token));
}

function revoke(access: Access, words: readonly string[]): void {
  const [id = ''] = wordsAs(words, 'id');
  access.tokens.revoke(whoTypes(), id);
  console.log(`The token ${id} is revoked.`);
}

function line({ id, owner, label, permissions, scope, expiresAt, usedAt }: Omit<TokenRecord, 'digest'>): string {
  const rights = `${permissions.join(', ')} ${describeScope(scope)}`;
  const times = `expires ${dayOf(expiresAt)}, last used ${dayOf(usedAt)}`;
  return `${id}  ${owner.padEnd(12)} ${rights}, ${times}${label === '' ? '' : `  ${label}`}`;
}

function dayOf(at: number | null): string {
  return at === null ? 'never' : new Date(at).toISOString().slice(0, 10);
}

function expiryOf(days: string): number | null {
  if (days === 'never') return null;
  const count = Number(days);
  if (Number.isInteger(count) && count >= 1 && count <= mostDays) return Date.now() + count * dayMs;
  throw invalid('--days', `a number from 1 to ${mostDays}, or never, is needed`);
}
