import { type Static, Type } from 'typebox';
import { type Meter, stillMeter } from '../meter.ts';
import { span } from './figure.ts';
import { closed, common, levels } from './shared.ts';
import { Stopwatch, shifted, sinceOf } from './stopwatch.ts';

export const StateRule = Type.Object(
  {
    ...common,
    kind: Type.Literal('state'),
    /** Power states of VMs, in the inventory's words. */
    states: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    /** Thresholds are seconds in one of these states. */
    levels,
  },
  closed,
);
export type StateRule = Static<typeof StateRule>;

/** Reads for how long an object has been in one of some states; from one of them to another goes on counting. */
export function stateMeter(rule: StateRule): Meter {
  const watch = new Stopwatch(rule.levels);
  const states = rule.states.join(' or ');
  return {
    ...stillMeter,
    take(memory, input) {
      if (input.type !== 'state') return { memory };
      return watch.read(rule.states.includes(input.state) ? (sinceOf(memory) ?? input.at) : null, input.at);
    },
    due: (memory) => watch.due(memory),
    pass: (memory, at) => watch.read(sinceOf(memory), at),
    shift: shifted,
    is: (value) => (value ? `it has been ${states} for ${span(value)}` : `it is not ${states}`),
    lack: 'no state',
    figure: span,
    evidence: (memory) => ({ states: rule.states, inStateSince: sinceOf(memory) }),
  };
}
