import type { Account } from './account.ts';
import { decide, type Principal } from './decision.ts';
import type { Permission } from './permission.ts';

/** Names of services that flows run as: parts of a permission, so they have its form. */
export const identityForm = /^[a-z0-9][a-z0-9.-]{0,63}$/;

/** To have flows act as a service. */
export function useOfIdentity(name: string): Permission {
  return { id: `identities.use.${name}`, role: 'administrator' };
}

/** Whether somebody may deploy flows that run as a service: its owner, and whom `identities.use.<name>` is granted. */
export async function mayUse(who: Principal, { name, owner }: Account): Promise<boolean> {
  const permission = useOfIdentity(name);
  const own = { effect: 'allow', role: { name: 'owner', permissions: [permission.id] }, scope: {} } as const;
  const grants = owner === who.name ? [...who.grants, own] : who.grants;
  return (await decide({ ...who, grants }, permission, null)).allowed;
}
