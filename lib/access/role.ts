import type { Role as BuiltInRole } from '../actions/action.ts';
import { covers } from './pattern.ts';
import type { Permission } from './permission.ts';

/** From the least to the most: each may do what the ones before it may. */
export const builtInRoles: readonly BuiltInRole[] = ['viewer', 'operator', 'power-operator', 'administrator'];

/** A role that somebody made: a set of permissions, `*` standing for any characters (`vm.*`, `*.read`). */
export interface OwnRole {
  readonly name: string;
  readonly permissions: readonly string[];
}

export interface Grant {
  /** What a denying grant covers is denied, whatever else is granted. */
  readonly effect: 'allow' | 'deny';
  readonly role: BuiltInRole | OwnRole;
}

/** Whether a role holds a permission. */
export function holds(role: BuiltInRole | OwnRole, permission: Permission): boolean {
  if (typeof role !== 'string') return role.permissions.some((pattern) => covers(pattern, permission.id));
  const needed = builtInRoles.indexOf(permission.role);
  return needed >= 0 && builtInRoles.indexOf(role) >= needed;
}

export function isBuiltIn(name: string): name is BuiltInRole {
  return builtInRoles.some((role) => role === name);
}

export function nameOf(role: BuiltInRole | OwnRole): string {
  return typeof role === 'string' ? role : role.name;
}
