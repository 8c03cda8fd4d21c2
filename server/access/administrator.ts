import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Access } from '../../lib/access/access.ts';
import type { AccountGrant } from '../../lib/access/account.ts';
import { firstAdministrator } from '../../lib/access/accounts.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { readPrivateJson } from '../../lib/store/private-file.ts';

const grants: readonly AccountGrant[] = [{ effect: 'allow', role: 'administrator', scope: {} }];

/**
 * Takes over the administrator of a version that kept it in a file of its own; does nothing where there is none.
 * @throws STORE_BROKEN
 */
export function adoptAdministrator(access: Access, dataDirectory: string): void {
  const path = join(dataDirectory, 'administrator.json');
  const value = readPrivateJson(path);
  if (value === undefined) return;
  const hash = typeof value === 'object' && value !== null && 'password' in value ? value.password : undefined;
  if (typeof hash !== 'string') throw new VirtflowError('STORE_BROKEN', { path, reason: 'it holds no password' });
  if (!hasFirst(access)) access.accounts.adopt('virtflow', firstAdministrator, grants, hash);
  rmSync(path);
}

/** Makes the administrator where there is none; answers the password, which is kept nowhere. */
export async function makeAdministrator(access: Access): Promise<string | undefined> {
  if (hasFirst(access)) return undefined;
  return access.accounts.add('virtflow', firstAdministrator, grants);
}

/** Gives a user a new password, and the first administrator also when it is gone. @throws ACCOUNT_UNKNOWN */
export async function renewPassword(access: Access, by: string, name: string): Promise<string> {
  access.logins.forgive(name);
  if (name === firstAdministrator && !hasAccount(access, name)) return access.accounts.add(by, name, grants);
  return access.accounts.resetPassword(by, name);
}

/** A user of that name who was made to be something else stays so. */
function hasFirst(access: Access): boolean {
  return access.accounts.hasAdministrator() || hasAccount(access, firstAdministrator);
}

function hasAccount(access: Access, name: string): boolean {
  return access.accounts.list().some((account) => account.name === name);
}
