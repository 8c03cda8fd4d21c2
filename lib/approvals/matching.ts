import { covers } from '../access/pattern.ts';
import { askerOf } from '../access/principals.ts';
import { type Subject, within } from '../access/scope.ts';
import type { AnyAction } from '../actions/action.ts';
import type { Origin } from '../operations/operation.ts';
import type { Policies, Policy } from './policy.ts';

/** What a policy is held against. */
export interface Matter {
  readonly action: AnyAction;
  /** Null for a group. */
  readonly subject: Subject | null;
  readonly origin: Origin;
}

/** The first policy that fits, in the order of the file. */
export async function matching({ policies = [] }: Policies, matter: Matter): Promise<Policy | undefined> {
  for (const policy of policies) if (await fits(policy, matter)) return policy;
  return undefined;
}

/** Whether a policy is about this. Where it cannot be told, it is: then somebody is asked once too often. */
export async function fits({ actions, dangers, targets, origins }: Policy, matter: Matter): Promise<boolean> {
  const { action, subject, origin } = matter;
  if (actions && !actions.some((one) => covers(one, action.id))) return false;
  if (dangers && !dangers.includes(action.danger)) return false;
  if (origins && !comesFrom(origins, origin)) return false;
  return targets === undefined || concerns(targets, subject);
}

async function concerns(targets: NonNullable<Policy['targets']>, subject: Subject | null): Promise<boolean> {
  // Where something new is made there is nothing yet that a selector could choose.
  if (subject?.kind === 'connection' && targets.selector !== undefined) return false;
  return (await within(targets, subject)) !== 'no';
}

function comesFrom({ through, principals, flows }: NonNullable<Policy['origins']>, origin: Origin): boolean {
  if (through && !through.some((way) => way === origin.through)) return false;
  if (principals && !principals.some((one) => covers(one, askerOf(origin)))) return false;
  const { flow } = origin;
  return !flows || (flow !== undefined && flows.some((one) => covers(one, flow)));
}
