import type { Ending } from '../ending.ts';
import { onlyPlanned } from '../facts.ts';
import type { Operation } from '../operation.ts';
import { type GroupShape, isGroup } from './group.ts';

/** The plan of a group: those of its members in order, and all of them as lines for people. */
export function groupPlan(shape: GroupShape, steps: readonly Operation[]): Ending {
  const lines = steps.flatMap((step, index) => indented(`${index + 1}. ${textOf(step)}`));
  const refused = steps.filter(({ state }) => state !== 'planned');
  const sentence = sentenceOf(shape, steps.length, refused.length);
  return {
    state: 'planned',
    why: [onlyPlanned()],
    result: {
      action: `group.${shape.order}`,
      nothingToDo: steps.every(({ result }) => result?.nothingToDo === true),
      steps: steps.map(({ id, action, targetName, target, state, result, error }) => ({
        operation: id,
        action,
        name: targetName,
        target,
        state,
        plan: result,
        error,
      })),
      undo: { onError: shape.onError },
      lastsAtMostSeconds: shape.members.some(isGroup) ? null : longest(shape, steps),
      sentence,
      text: [sentence, ...lines].join('\n'),
    },
  };
}

function sentenceOf({ title, order, onError }: GroupShape, count: number, refused: number): string {
  const ways = {
    sequence: 'one after the other',
    parallel: 'side by side',
    'per-connection': 'in order on each connection',
  };
  const failing = {
    stop: 'nothing more is begun',
    continue: 'the rest is done all the same',
    'roll-back': 'what was done is taken back',
  };
  const now = refused === 0 ? '' : ` As it is now, ${refused} of them would be refused.`;
  return `${title}: ${count} steps, ${ways[order]}; if one fails, ${failing[onError]}.${now}`;
}

function textOf({ result, error, action, targetName }: Operation): string {
  if (typeof result?.text === 'string') return result.text;
  return `${action} of ${targetName} would be refused: ${error?.message ?? 'it does not say why'}`;
}

function indented(text: string): string[] {
  return text.split('\n').map((line, index) => (index === 0 ? line : `   ${line}`));
}

function longest({ order }: GroupShape, steps: readonly Operation[]): number {
  const seconds = steps.map(({ result }) =>
    typeof result?.lastsAtMostSeconds === 'number' ? result.lastsAtMostSeconds : 0,
  );
  return order === 'sequence' ? seconds.reduce((sum, one) => sum + one, 0) : Math.max(0, ...seconds);
}
