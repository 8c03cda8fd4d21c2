import type { Origin } from '../operations/operation.ts';
import type { AccessTables } from '../store/store.ts';
import type { Account, AccountGrant, TokenRecord } from './account.ts';
import type { Grant, Principal } from './decision.ts';
import { isBuiltIn, type OwnRole } from './role.ts';

/** Finds who asks, with what is granted at this moment. Nothing is kept: a grant that is taken away counts at once. */
export class Principals {
  readonly #tables: AccessTables;

  constructor(tables: AccessTables) {
    this.#tables = tables;
  }

  /** Somebody by name; whom nobody knows has no grant. */
  named(name: string): Principal {
    const account = this.#tables.accounts.get(name);
    return account ? this.of(account) : { name, grants: [] };
  }

  of({ name, grants, owner }: Account): Principal {
    const own = { name, grants: grants.map((grant) => this.#resolved(grant)) };
    return owner === undefined ? own : { ...own, owner: this.#owner(owner) };
  }

  /** A service that flows run as; one that is gone, or belongs to somebody else by now, has no grant. */
  identity(name: string, owner: string): Principal {
    const account = this.#tables.accounts.get(name);
    return account?.kind === 'service' && account.owner === owner ? this.of(account) : { name, grants: [] };
  }

  #owner(name: string): Principal {
    const account = this.#tables.accounts.get(name);
    return account?.kind === 'user' ? this.of(account) : { name, grants: [] };
  }

  /** The owner of a token, narrowed by it. */
  ofToken({ id, owner, permissions, scope }: TokenRecord): Principal {
    return { ...this.named(owner), limit: { token: id, permissions, scope } };
  }

  #resolved({ effect, role, scope }: AccountGrant): Grant {
    if (isBuiltIn(role)) return { effect, role, scope };
    return { effect, role: this.#tables.roles.get(role) ?? missing(role, effect), scope };
  }
}

/**
 * By whose name somebody asks: flows and MQTT are services, whatever they call themselves, but for flows that run as a
 * service of somebody's.
 */
export function askerOf({ through, principal, owner }: Origin): string {
  if (through === 'flow' && owner !== undefined) return principal;
  return through === 'flow' || through === 'mqtt' ? through : principal;
}

/** A role that is not there allows nothing and denies all. */
function missing(name: string, effect: Grant['effect']): OwnRole {
  return { name, permissions: effect === 'deny' ? ['*'] : [] };
}
