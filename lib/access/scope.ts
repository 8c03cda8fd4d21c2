import { selector } from '../inventory/selector.ts';
import type { AnyObject } from '../model/objects.ts';
import type { ObjectKind } from '../model/reference.ts';
import { covers } from './pattern.ts';

/** Where a grant counts; what is not said is not narrowed. */
export interface Scope {
  /** The connection's name; `*` stands for any characters. */
  readonly connection?: string;
  readonly kind?: ObjectKind | 'connection';
  /** JSONata over the object, as in targets: `'web' in tags`. */
  readonly selector?: string;
}

/** What a permission is asked for. */
export interface Subject {
  readonly connection: string;
  readonly kind: ObjectKind | 'connection';
  /** As it is known now; a selector has nothing to look at without it. */
  readonly object?: AnyObject | undefined;
}

/** `unknown`: it cannot be told. It never allows, and it does deny. */
export type Within = 'yes' | 'no' | 'unknown';

/** Whether a subject lies in a scope; `null` is everything there is, which lies wholly in none that is narrowed. */
export async function within(scope: Scope, subject: Subject | null): Promise<Within> {
  if (isEverywhere(scope)) return 'yes';
  if (subject === null) return 'unknown';
  if (scope.connection !== undefined && !covers(scope.connection, subject.connection)) return 'no';
  if (scope.kind !== undefined && scope.kind !== subject.kind) return 'no';
  return scope.selector === undefined ? 'yes' : matches(scope.selector, subject.object);
}

async function matches(text: string, object: AnyObject | undefined): Promise<Within> {
  if (object === undefined) return 'unknown';
  try {
    return (await selector(text).matches(object)) ? 'yes' : 'no';
  } catch {
    return 'unknown';
  }
}

export function isEverywhere({ connection, kind, selector }: Scope): boolean {
  return connection === undefined && kind === undefined && selector === undefined;
}

/** `on connection lab, for each vm, where 'web' in tags`; `everywhere`. */
export function describeScope(scope: Scope): string {
  const parts = [
    scope.connection === undefined ? [] : `on connection ${scope.connection}`,
    scope.kind === undefined ? [] : `for each ${scope.kind}`,
    scope.selector === undefined ? [] : `where ${scope.selector}`,
  ].flat();
  return parts.length === 0 ? 'everywhere' : parts.join(', ');
}
