import { type Static, Type } from 'typebox';
import { daysUntil, type Line, lineThrough as lineOf, neverDays, withValue } from '../../metrics/trend.ts';
import type { Memory } from '../memory.ts';
import { type Meter, rounded, type Step, stillMeter } from '../meter.ts';
import { evidenceOf, inUnit, measure, nameOf, span } from './figure.ts';
import { closed, common, Direction, levels, sampled } from './shared.ts';

export const ForecastRule = Type.Object(
  {
    ...common,
    kind: Type.Literal('forecast'),
    ...sampled,
    /** Where it would be full, or empty, in the rule's unit. */
    reaches: Type.Number(),
    /** Whether the trouble lies above `reaches` or below it. */
    direction: Direction,
    /** The line is laid through the means of so long a time. */
    pastSeconds: Type.Number({ minimum: 60, maximum: 90 * 86_400 }),
    /** With less of a past nothing is foretold; a quarter of it when not given. */
    leastSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: 90 * 86_400 })),
    /** Thresholds are days: the level holds when fewer are left. */
    levels,
  },
  closed,
);
export type ForecastRule = Static<typeof ForecastRule>;

/** The line is laid through so many means at most. */
const meansKept = 168;

/** Reads in how many days a figure reaches a mark if it goes on as it did: a line of least squares through its past. */
export function forecastMeter(rule: ForecastRule): Meter {
  const bucketMs = bucketMsOf(rule);
  const leastMs = (rule.leastSeconds ?? rule.pastSeconds / 4) * 1000;
  return {
    ...stillMeter,
    take(memory, input): Step {
      const value = input.type === 'sample' ? measure(rule, input.fields) : undefined;
      if (input.type !== 'sample' || value === undefined) return { memory };
      const kept = withMean(memory, bucketMs, input.at, value);
      const line = lineThrough(kept);
      if (!line || line.spanMs < leastMs) {
        const known = span((line?.spanMs ?? 0) / 1000);
        const reason = `only ${known} of its past is known, and ${span(leastMs / 1000)} are needed`;
        return { memory: kept, reading: { status: 'learning', reason } };
      }
      return { memory: kept, reading: daysUntil(rule.reaches, rule.direction, line) };
    },
    isWorthKeeping: (before, after) => closedOf(before) !== closedOf(after),
    is(value, memory) {
      const line = lineThrough(memory);
      const trend = line ? `, going by ${inUnit(rule, line.perDay)} a day over ${span(line.spanMs / 1000)}` : '';
      const mark = inUnit(rule, rule.reaches);
      if (value === null || value >= neverDays) return `${nameOf(rule)} does not come to ${mark}${trend}`;
      return `${nameOf(rule)} comes to ${mark} in ${rounded(value)} days${trend}`;
    },
    lack: `no figure of ${nameOf(rule)}`,
    figure: (value) => `${rounded(value)} days`,
    evidence(memory) {
      const { reaches, direction, pastSeconds } = rule;
      return { ...evidenceOf(rule), reaches, direction, pastSeconds, line: lineThrough(memory) ?? null };
    },
  };
}

/** Means are taken over so long. */
export function bucketMsOf({ pastSeconds }: ForecastRule): number {
  return (pastSeconds * 1000) / meansKept;
}

function closedOf(memory: Memory): readonly number[] {
  return memory?.kind === 'means' ? memory.closed : none;
}

const none: readonly number[] = [];

function withMean(memory: Memory, bucketMs: number, at: number, value: number): Memory {
  const known = memory?.kind === 'means' ? memory : { closed: [], open: null };
  return { kind: 'means', ...withValue(known, bucketMs, bucketMs * meansKept, at, value) };
}

export function lineThrough(memory: Memory): Line | undefined {
  return memory?.kind === 'means' ? lineOf(memory) : undefined;
}
