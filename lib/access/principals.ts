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

  of({ name, grants }: Account): Principal {
    return { name, grants: grants.map((grant) => this.#resolved(grant)) };
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

/** By whose name somebody asks: flows and MQTT are services, whatever they call themselves. */
export function askerOf({ through, principal }: Origin): string {
  return through === 'flow' || through === 'mqtt' ? through : principal;
}

/** A role that is not there allows nothing and denies all. */
function missing(name: string, effect: Grant['effect']): OwnRole {
  return { name, permissions: effect === 'deny' ? ['*'] : [] };
}
