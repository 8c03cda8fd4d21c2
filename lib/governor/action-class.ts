import { covers } from '../access/pattern.ts';
import type { AnyAction } from '../actions/action.ts';

/** What a rule may say in the place of an action's id. */
const members: Readonly<Record<string, (action: ActionKind) => boolean>> = {
  destructive: ({ danger }) => danger === 'destructive',
  disruptive: ({ danger }) => danger === 'disruptive',
  'power-off': ({ id }) => ['*.shutdown', '*.force-off', '*.suspend', '*.power-off'].some((one) => covers(one, id)),
  migrate: ({ id }) => ['*.migrate', '*.migrate-*', '*.evacuate'].some((one) => covers(one, id)),
};

export type ActionKind = Pick<AnyAction, 'id' | 'danger'>;

/** Whether a rule that names these ids, patterns and classes is about the action. */
export function isAbout(names: readonly string[], action: ActionKind): boolean {
  return names.some((name) => members[name]?.(action) ?? covers(name, action.id));
}
