import { judge as evaluate, type Transition } from '../../lib/rules/judge.ts';
import type { ThresholdRule } from '../../lib/rules/kinds/threshold.ts';
import type { Input } from '../../lib/rules/meter.ts';
import { judgedBy, type Rule } from '../../lib/rules/rule.ts';
import { initialState, type ObjectState } from '../../lib/rules/state.ts';

export function rule(more: Partial<ThresholdRule>): ThresholdRule {
  return {
    id: 'cpu',
    name: 'CPU is busy',
    kind: 'threshold',
    value: { field: 'value' },
    unit: 'absolute',
    direction: 'above',
    levels: [{ severity: 'warning', threshold: 80 }],
    ...more,
  };
}

/** What is seen `at` seconds: a number is a sample of the field `value`, `!boom` an event, `=paused` a state. */
export type Step = readonly [
  at: number,
  seen: number | 'nothing' | 'missing' | 'withdrawn' | `!${string}` | `=${string}` | 'broken',
];

/** Judges a series under a rule, step by step, with `between` applied to the state after each. */
export function judge(
  rule: Rule,
  steps: readonly Step[],
  between: (state: ObjectState, now: number) => ObjectState = (state) => state,
): Transition[] {
  const judged = judgedBy(rule);
  let state = initialState(judged, 0);
  const transitions: Transition[] = [];
  for (const [seconds, seen] of steps) {
    const now = seconds * 1000;
    const result = evaluate(judged, state, inputOf(seen, now), now);
    transitions.push(...result.transitions);
    state = between(result.state, now);
  }
  return transitions;
}

function inputOf(seen: Step[1], at: number): Input {
  if (typeof seen === 'number') return { type: 'sample', at, fields: { value: seen, cpu_ratio: seen / 100 } };
  if (seen === 'nothing' || seen === 'missing' || seen === 'withdrawn') return { type: seen };
  if (seen === 'broken') return { type: 'blind', at, blind: { status: 'error', reason: 'it cannot be read' } };
  if (seen.startsWith('!')) return { type: 'event', at, event: seen.slice(1), reason: null };
  return { type: 'state', at, state: seen.slice(1) };
}

/** `12 firing critical` for each transition, the moment in seconds. */
export function brief(transitions: readonly Transition[]): string[] {
  return transitions.map(({ at, type, severity }) => `${at / 1000} ${type}${severity ? ` ${severity}` : ''}`);
}
