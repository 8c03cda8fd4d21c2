import type { ThresholdRule } from '../../lib/rules/rule.ts';
import { initialState, type ObjectState } from '../../lib/rules/state.ts';
import { evaluate, type Observation, type Transition } from '../../lib/rules/threshold.ts';

export function rule(more: Partial<ThresholdRule>): ThresholdRule {
  return {
    id: 'cpu',
    name: 'CPU is busy',
    value: { field: 'value' },
    unit: 'absolute',
    direction: 'above',
    levels: [{ severity: 'warning', threshold: 80 }],
    ...more,
  };
}

/** `at` in seconds; a number is a sample. */
export type Step = readonly [at: number, seen: number | 'nothing' | 'missing'];

/** Judges a series under a rule, step by step, with `between` applied to the state after each. */
export function judge(
  judged: ThresholdRule,
  steps: readonly Step[],
  between: (state: ObjectState, now: number) => ObjectState = (state) => state,
): Transition[] {
  let state = initialState(judged, 0);
  const transitions: Transition[] = [];
  for (const [seconds, seen] of steps) {
    const now = seconds * 1000;
    const observation: Observation =
      typeof seen === 'number' ? { type: 'sample', at: now, value: seen } : { type: seen };
    const result = evaluate(judged, state, observation, now);
    transitions.push(...result.transitions);
    state = between(result.state, now);
  }
  return transitions;
}

/** `12 firing critical` for each transition, the moment in seconds. */
export function brief(transitions: readonly Transition[]): string[] {
  return transitions.map(({ at, type, severity }) => `${at / 1000} ${type}${severity ? ` ${severity}` : ''}`);
}
