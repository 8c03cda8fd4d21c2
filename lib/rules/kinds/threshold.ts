import { type Static, Type } from 'typebox';
import { type Meter, stillMeter } from '../meter.ts';
import { evidenceOf, inUnit, measure, nameOf } from './figure.ts';
import { closed, common, Direction, levels, sampled } from './shared.ts';

export const ThresholdRule = Type.Object(
  {
    ...common,
    kind: Type.Literal('threshold'),
    ...sampled,
    direction: Direction,
    levels,
  },
  closed,
);
export type ThresholdRule = Static<typeof ThresholdRule>;

/** Reads the figure itself. */
export function thresholdMeter(rule: ThresholdRule): Meter {
  const evidence = { ...evidenceOf(rule), direction: rule.direction };
  return {
    ...stillMeter,
    take(memory, input) {
      const value = input.type === 'sample' ? measure(rule, input.fields) : undefined;
      return value === undefined ? { memory } : { memory, reading: value };
    },
    is: (value) => `${nameOf(rule)} is ${inUnit(rule, value)}`,
    lack: `no figure of ${nameOf(rule)}`,
    figure: (value) => inUnit(rule, value),
    evidence: () => evidence,
  };
}
