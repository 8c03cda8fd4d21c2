import { type Static, Type } from 'typebox';
import type { Memory } from '../memory.ts';
import { type Meter, type Step, stillMeter } from '../meter.ts';
import { evidenceOf, inUnit, measure, nameOf, span } from './figure.ts';
import { closed, common, Direction, levels, sampled } from './shared.ts';

export const perSeconds = { second: 1, minute: 60, hour: 3_600, day: 86_400 } as const;

export const RateRule = Type.Object(
  {
    ...common,
    kind: Type.Literal('rate'),
    ...sampled,
    /** The change is that since the sample of so long ago. */
    overSeconds: Type.Number({ minimum: 1, maximum: 7 * 86_400 }),
    per: Type.Union([Type.Literal('second'), Type.Literal('minute'), Type.Literal('hour'), Type.Literal('day')]),
    direction: Direction,
    levels,
  },
  closed,
);
export type RateRule = Static<typeof RateRule>;

/** How many samples of the window are kept; closer ones are passed over, for only the oldest counts. */
const pointsKept = 60;

/** Reads how fast a figure changes: against the newest sample that is old enough, if it is not twice that old. */
export function rateMeter(rule: RateRule): Meter {
  const overMs = rule.overSeconds * 1000;
  const unit = perSeconds[rule.per] * 1000;
  const figure = (value: number) => `${inUnit(rule, value)} per ${rule.per}`;
  return {
    ...stillMeter,
    take(memory, input): Step {
      const value = input.type === 'sample' ? measure(rule, input.fields) : undefined;
      if (input.type !== 'sample' || value === undefined) return { memory };
      const points = withPoint(pointsOf(memory), input.at, value, overMs);
      const then = points[0] ?? input.at;
      const kept: Memory = { kind: 'points', points };
      const age = input.at - then;
      if (age < overMs || age > 2 * overMs) {
        const reason = `there is no sample from ${span(rule.overSeconds)} before to compare with`;
        return { memory: kept, reading: { status: 'learning', reason } };
      }
      return { memory: kept, reading: ((value - (points[1] ?? value)) / age) * unit };
    },
    shift: (memory, moved) => ({
      kind: 'points',
      points: pointsOf(memory).map((n, i) => (i % 2 === 0 ? moved(n) : n)),
    }),
    is: (value) =>
      `${nameOf(rule)} changes by ${value === null ? 'an unknown rate' : figure(value)}, over ${span(rule.overSeconds)}`,
    lack: `no figure of ${nameOf(rule)}`,
    figure,
    evidence(memory) {
      const points = pointsOf(memory);
      const from = points.length > 1 ? { at: points[0], value: points[1] } : null;
      const { overSeconds, per, direction } = rule;
      return { ...evidenceOf(rule), direction, overSeconds, per, from };
    },
  };
}

function pointsOf(memory: Memory): readonly number[] {
  return memory?.kind === 'points' ? memory.points : [];
}

/** Appends a point and drops those that a newer one, old enough itself, stands in for. */
function withPoint(points: readonly number[], at: number, value: number, overMs: number): number[] {
  let first = 0;
  for (; (points[first + 2] ?? at) <= at - overMs; first += 2);
  const kept = points.slice(first);
  const last = kept.at(-2);
  if (last === undefined || at - last >= overMs / pointsKept) kept.push(at, value);
  return kept;
}
