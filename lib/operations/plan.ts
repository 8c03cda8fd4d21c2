import type { AnyAction, Danger, PlannedChange, Undo } from '../actions/action.ts';
import type { AnyObject } from '../model/objects.ts';
import type { Fact, Operation, OperationTarget } from './operation.ts';
import type { FreshTarget } from './world.ts';

/** What an operation would do; the result of one that was asked for as a plan. */
export interface Plan {
  readonly action: string;
  readonly object: { readonly ref: OperationTarget; readonly name: string };
  /** What is wanted holds already: run now, it would send nothing. */
  readonly nothingToDo: boolean;
  readonly changes: readonly PlannedChange[];
  /** The driver's changing methods that it would begin with, in order. */
  readonly calls: readonly string[];
  readonly risk: { readonly danger: Danger; readonly text: string };
  readonly lastsAtMostSeconds: number;
  readonly undo: Undo;
  /** What rights, the governor and approvals would say to a run now. */
  readonly conditions: readonly Fact[];
  readonly sentence: string;
  /** The whole plan as lines for people. */
  readonly text: string;
}

const dangers: Readonly<Record<Danger, string>> = {
  none: 'It neither stops a guest nor loses data.',
  disruptive: 'It stops what the guest does.',
  destructive: 'It loses data.',
};

/** What an action would do to a target as it is now. */
export type Intent = Pick<Plan, 'changes' | 'calls' | 'risk' | 'undo'>;

/** @param others the other objects of the connection; asked for only by actions that look at them */
export function intentOf(
  action: AnyAction,
  situation: { readonly target: FreshTarget; readonly parameters: Operation['parameters'] },
  others: () => readonly AnyObject[],
): Intent {
  const around = {
    ...situation,
    get others() {
      return others();
    },
  };
  const { changes, calls, risk } = action.plan?.(around) ?? { changes: [], calls: [] };
  return {
    changes,
    calls,
    risk: { danger: action.danger, text: risk ?? dangers[action.danger] },
    undo: action.undo?.(situation) ?? { none: 'The action does not say how it could be taken back.' },
  };
}

/** A plan for a target on which the action may be done. */
export function planOf(operation: Operation, intent: Intent, conditions: readonly Fact[]): Plan {
  return complete(operation, { nothingToDo: false, ...intent, conditions });
}

/** The plan where what is wanted holds already. */
export function emptyPlan(operation: Operation): Plan {
  return complete(operation, {
    nothingToDo: true,
    changes: [],
    calls: [],
    risk: { danger: 'none', text: 'Nothing would be sent.' },
    undo: { none: 'There would be nothing to take back.' },
    conditions: [],
  });
}

/** A plan as a list for people: what, before → after, risk, how long, and whether it can be taken back. */
export function planText(plan: Omit<Plan, 'text'>): string {
  if (plan.nothingToDo) return plan.sentence;
  return [
    plan.sentence,
    ...plan.changes.map((change) => `- ${changeText(change)}`),
    `- risk: ${plan.risk.danger}. ${plan.risk.text}`,
    `- lasts at most: ${plan.lastsAtMostSeconds} s`,
    `- undo: ${undoText(plan.undo)}`,
    ...plan.conditions.map(({ says }) => `- ${says}`),
  ].join('\n');
}

type Derived = 'action' | 'object' | 'lastsAtMostSeconds' | 'sentence' | 'text';

function complete({ action, target, targetName, timeoutSeconds }: Operation, rest: Omit<Plan, Derived>): Plan {
  const plan = {
    action,
    object: { ref: target, name: targetName },
    ...rest,
    lastsAtMostSeconds: rest.nothingToDo ? 0 : timeoutSeconds,
    sentence: sentenceOf(`${action} of ${targetName}`, rest),
  };
  return { ...plan, text: planText(plan) };
}

function sentenceOf(what: string, { nothingToDo, changes }: Pick<Plan, 'nothingToDo' | 'changes'>): string {
  if (nothingToDo) return `${what} would do nothing: it is so already.`;
  if (changes.length === 0) return `${what} would be done; what it changes, the action does not say.`;
  return `${what} would change ${changes.map(changeText).join('; ')}.`;
}

function changeText({ what, before, after }: PlannedChange): string {
  return `${what}: ${before ?? 'none'} → ${after ?? 'none'}`;
}

function undoText(undo: Undo): string {
  if ('none' in undo) return `no. ${undo.none}`;
  const parameters = Object.entries(undo.parameters ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return parameters.length > 0 ? `${undo.action} (${parameters.join(', ')})` : undo.action;
}
