import { selector } from '../inventory/selector.ts';
import { VirtflowError } from '../model/errors.ts';
import type { AccessTables } from '../store/store.ts';
import type { Account, AccountGrant } from './account.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { identityForm } from './identity.ts';
import { hashPassword, newPassword } from './password.ts';
import { builtInRoles, isBuiltIn, type OwnRole } from './role.ts';
import { isEverywhere } from './scope.ts';

const nameForm = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;
const patternForm = /^[a-z0-9*][a-z0-9.*-]{0,99}$/;

/** What of virtflow itself asks for operations. */
export const services = ['flow', 'mqtt'] as const;
export const firstAdministrator = 'admin';

/** Who there is, and what is granted to whom. Each change is recorded with who made it (`by`). */
export class Accounts {
  readonly #tables: AccessTables;
  readonly #audit: AuditLog;

  constructor(tables: AccessTables, audit: AuditLog) {
    this.#tables = tables;
    this.#audit = audit;
  }

  list(): readonly Account[] {
    return this.#tables.accounts.list();
  }

  roles(): readonly OwnRole[] {
    return this.#tables.roles.list();
  }

  /** Whether there is a user who may do everything, everywhere. */
  hasAdministrator(): boolean {
    return this.list().some(isAdministrator);
  }

  /** Makes the services where there is nobody yet; as administrators, so that a fresh installation works. */
  seed(): void {
    if (this.list().length > 0) return;
    const grants: readonly AccountGrant[] = [{ effect: 'allow', role: 'administrator', scope: {} }];
    const make = () => {
      for (const name of services) this.#put({ name, kind: 'service', grants, password: null, createdAt: Date.now() });
    };
    this.#audit.change(make, 'services.made', 'virtflow', { services, grants });
  }

  /** Makes a user; answers the password, which is kept nowhere. @throws ACCOUNT_INVALID, ROLE_UNKNOWN, SELECTOR_INVALID */
  async add(by: string, name: string, grants: readonly AccountGrant[]): Promise<string> {
    this.#checkName(name);
    for (const grant of grants) this.#checkGrant(grant);
    const password = newPassword();
    this.#make(by, name, grants, await hashPassword(password));
    return password;
  }

  /**
   * Makes a service that flows of its owner run as.
   * @throws ACCOUNT_INVALID, ACCOUNT_UNKNOWN, ROLE_UNKNOWN, SELECTOR_INVALID
   */
  addService(by: string, name: string, owner: string, grants: readonly AccountGrant[]): void {
    if (!identityForm.test(name)) throw accountInvalid(name.slice(0, 64), 'its name is small letters, digits and . -');
    for (const grant of grants) this.#checkGrant(grant);
    const make = () => {
      this.#checkName(name);
      if (this.get(owner).kind !== 'user') throw accountInvalid(owner, 'a service owns nothing');
      this.#put({ name, kind: 'service', owner, grants, password: null, createdAt: Date.now() });
    };
    this.#audit.change(make, 'service.added', by, { service: name, owner, grants });
  }

  /** A service that flows run as. @throws IDENTITY_UNKNOWN */
  service(name: unknown): Account & { readonly owner: string } {
    const account = typeof name === 'string' ? this.#tables.accounts.get(name) : undefined;
    if (account?.kind === 'service' && account.owner !== undefined) return { ...account, owner: account.owner };
    throw new VirtflowError('IDENTITY_UNKNOWN', { identity: String(name).slice(0, 64) });
  }

  /** @throws IDENTITY_UNKNOWN */
  removeService(by: string, name: string): void {
    const change = () => this.#tables.accounts.delete(this.service(name).name);
    this.#audit.change(change, 'service.removed', by, { service: name });
  }

  /** Takes over a user whose password is known by its hash alone. @throws ACCOUNT_INVALID */
  adopt(by: string, name: string, grants: readonly AccountGrant[], passwordHash: string): void {
    this.#checkName(name);
    this.#make(by, name, grants, passwordHash);
  }

  /** Gives a new password, which ends all sessions. @throws ACCOUNT_UNKNOWN, ACCOUNT_INVALID */
  async resetPassword(by: string, name: string): Promise<string> {
    this.#user(name);
    const password = newPassword();
    const hash = await hashPassword(password);
    const change = () => {
      this.#put({ ...this.#user(name), password: hash });
      this.#tables.tokens.deleteSessions(name);
    };
    this.#audit.change(change, 'user.password-changed', by, { user: name });
    return password;
  }

  /** Replaces what is granted to somebody. @throws ACCOUNT_UNKNOWN, ACCOUNT_INVALID, ROLE_UNKNOWN, SELECTOR_INVALID */
  grant(by: string, name: string, grants: readonly AccountGrant[]): void {
    for (const grant of grants) this.#checkGrant(grant);
    const change = () => {
      const account = this.get(name);
      this.#put({ ...account, grants });
      this.#keepAdministrator(account);
    };
    this.#audit.change(change, 'grants.changed', by, { account: name, grants, before: this.get(name).grants });
  }

  /** With all sessions and tokens. @throws ACCOUNT_UNKNOWN, ACCOUNT_INVALID */
  remove(by: string, name: string): void {
    const change = () => {
      const account = this.#user(name);
      this.#tables.tokens.deleteOf(name);
      this.#tables.accounts.delete(name);
      this.#keepAdministrator(account);
    };
    this.#audit.change(change, 'user.removed', by, { user: name });
  }

  /** Makes a role or replaces it. @throws ROLE_INVALID */
  putRole(by: string, { name, permissions }: OwnRole): void {
    if (!nameForm.test(name) || isBuiltIn(name)) throw roleInvalid(name, 'its name cannot be used');
    const odd = permissions.find((pattern) => !patternForm.test(pattern));
    if (odd !== undefined) throw roleInvalid(name, `"${odd}" is not a permission such as vm.start, vm.* or *.read`);
    if (permissions.length === 0) throw roleInvalid(name, 'it holds no permission');
    const before = this.#tables.roles.get(name)?.permissions;
    const put = () => this.#tables.roles.put(name, { name, permissions });
    this.#audit.change(put, 'role.changed', by, { role: name, permissions, before });
  }

  /** @throws ROLE_UNKNOWN, ROLE_INVALID while somebody has it */
  removeRole(by: string, name: string): void {
    this.#checkRole(name);
    if (isBuiltIn(name)) throw roleInvalid(name, 'it is built in');
    const remove = () => {
      const holder = this.list().find(({ grants }) => grants.some(({ role }) => role === name));
      if (holder) throw roleInvalid(name, `${holder.name} has it`);
      this.#tables.roles.delete(name);
    };
    this.#audit.change(remove, 'role.removed', by, { role: name });
  }

  /** @throws ACCOUNT_UNKNOWN */
  get(name: string): Account {
    const account = this.#tables.accounts.get(name);
    if (account) return account;
    throw new VirtflowError('ACCOUNT_UNKNOWN', { account: name });
  }

  #make(by: string, name: string, grants: readonly AccountGrant[], password: string): void {
    const make = () => {
      if (this.#tables.accounts.get(name)) throw accountInvalid(name, 'there is one of this name');
      this.#put({ name, kind: 'user', grants, password, createdAt: Date.now() });
    };
    this.#audit.change(make, 'user.added', by, { user: name, grants });
  }

  #put(account: Account): void {
    this.#tables.accounts.put(account.name, account);
  }

  #user(name: string): Account {
    const account = this.get(name);
    if (account.kind === 'user') return account;
    throw accountInvalid(name, 'it is a service of virtflow, which has no password and cannot be removed');
  }

  /** Undoes, for it throws inside the transaction. @throws ACCOUNT_INVALID */
  #keepAdministrator(before: Account): void {
    if (!isAdministrator(before) || this.hasAdministrator()) return;
    throw accountInvalid(before.name, 'it is the only administrator');
  }

  #checkName(name: string): void {
    if (!nameForm.test(name)) throw accountInvalid(name.slice(0, 64), 'a name is letters, digits and . _ @ -');
    if (this.#tables.accounts.get(name)) throw accountInvalid(name, 'there is one of this name');
  }

  #checkGrant({ role, scope }: AccountGrant): void {
    this.#checkRole(role);
    if (scope.selector !== undefined) selector(scope.selector);
  }

  #checkRole(name: string): void {
    if (isBuiltIn(name) || this.#tables.roles.get(name)) return;
    const known = [...builtInRoles, ...this.roles().map((role) => role.name)].join(', ');
    throw new VirtflowError('ROLE_UNKNOWN', { role: name, known });
  }
}

function isAdministrator({ kind, grants }: Account): boolean {
  if (kind !== 'user' || grants.some(({ effect }) => effect === 'deny')) return false;
  return grants.some(({ role, scope }) => role === 'administrator' && isEverywhere(scope));
}

function accountInvalid(account: string, reason: string): VirtflowError {
  return new VirtflowError('ACCOUNT_INVALID', { account, reason });
}

function roleInvalid(role: string, reason: string): VirtflowError {
  return new VirtflowError('ROLE_INVALID', { role, reason });
}
