import type { Fact } from '../operations/operation.ts';
import { covers } from './pattern.ts';
import type { Permission } from './permission.ts';
import { type Grant as GrantedRole, holds, nameOf } from './role.ts';
import { describeScope, type Scope, type Subject, within } from './scope.ts';

/** A role, allowed or denied in a scope. */
export interface Grant extends GrantedRole {
  readonly scope: Scope;
}

/** What narrows somebody who comes with a token: never wider than its owner. */
export interface Limit {
  readonly token: string;
  readonly permissions: readonly string[];
  readonly scope: Scope;
}

/** Whoever asks for something, with all that is granted now. */
export interface Principal {
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly limit?: Limit;
  /** Whose rights theirs never exceed, at any moment: the owner of a service. */
  readonly owner?: Principal;
}

export interface Decision {
  readonly allowed: boolean;
  readonly why: readonly Fact[];
}

/**
 * Whether somebody may do something to a subject (`null`: to everything). Deny wins; what no grant allows is denied;
 * where a scope cannot be told, an allowing grant does not count and a denying one does.
 */
export async function decide(who: Principal, permission: Permission, subject: Subject | null): Promise<Decision> {
  const own = await decideAlone(who, permission, subject);
  if (!own.allowed || who.owner === undefined) return own;
  const { allowed, why } = await decideAlone(who.owner, permission, subject);
  if (allowed) return own;
  const says = `${who.name} may no more than ${who.owner.name}, whose service it is.`;
  return { allowed: false, why: [{ rule: 'owner-limit', says, principal: who.name, owner: who.owner.name }, ...why] };
}

async function decideAlone(who: Principal, permission: Permission, subject: Subject | null): Promise<Decision> {
  const about = who.grants.filter(({ role }) => holds(role, permission));
  for (const grant of about) {
    if (grant.effect === 'deny' && (await within(grant.scope, subject)) !== 'no') return denied(who, permission, grant);
  }
  const limited = who.limit && (await beyond(who.limit, permission, subject));
  if (limited) return { allowed: false, why: [limited] };
  for (const grant of about) {
    if (grant.effect === 'allow' && (await within(grant.scope, subject)) === 'yes') return allowed(who, grant);
  }
  return notGranted(who, permission, about);
}

async function beyond(limit: Limit, { id }: Permission, subject: Subject | null): Promise<Fact | undefined> {
  const { token, permissions, scope } = limit;
  const isCovered = permissions.some((pattern) => covers(pattern, id)) && (await within(scope, subject)) === 'yes';
  if (isCovered) return undefined;
  const says = `The token ${token} is for ${permissions.join(', ')} ${describeScope(scope)} alone.`;
  return { rule: 'token-limit', says, token };
}

function allowed({ name }: Principal, { role, scope }: Grant): Decision {
  const says = `${name} has the role ${nameOf(role)} ${describeScope(scope)}.`;
  return { allowed: true, why: [{ rule: 'access-granted', says, principal: name, role: nameOf(role), scope }] };
}

function denied({ name }: Principal, { id }: Permission, { role, scope }: Grant): Decision {
  const says = `What the role ${nameOf(role)} holds is denied to ${name} ${describeScope(scope)}.`;
  const fact = { rule: 'access-denied', says, principal: name, permission: id, role: nameOf(role), scope };
  return { allowed: false, why: [fact] };
}

function notGranted({ name, grants }: Principal, { id, role }: Permission, about: readonly Grant[]): Decision {
  const elsewhere = about.map((grant) => `${nameOf(grant.role)} ${describeScope(grant.scope)}`);
  const given = grants.map((grant) => nameOf(grant.role));
  const has = elsewhere.length > 0 ? `only ${elsewhere.join('; ')}` : given.join(', ') || 'no role';
  const says = `It takes the role ${role} there or one that holds ${id}; ${name} has ${has}.`;
  return { allowed: false, why: [{ rule: 'not-granted', says, principal: name, permission: id, needs: role }] };
}
