import { type Static, Type } from 'typebox';
import type { Memory } from '../memory.ts';
import { type Meter, rounded, type Step, stillMeter } from '../meter.ts';
import { evidenceOf, inUnit, measure, nameOf, span } from './figure.ts';
import { average } from './means.ts';
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
const dayMs = 86_400_000;
/** What stands for never: a hundred years. */
export const neverDays = 36_500;

export interface Line {
  /** On the line at the moment of the last sample. */
  readonly now: number;
  readonly perDay: number;
  readonly spanMs: number;
  readonly means: number;
}

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
      return { memory: kept, reading: daysLeft(rule, line) };
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
  const { open, closed } = average(known.open, bucketMs, at, value);
  if (!closed) return { kind: 'means', closed: known.closed, open };
  const all = [...known.closed, closed.moment, closed.value];
  let first = 0;
  for (; (all[first] ?? at) < at - bucketMs * meansKept; first += 2);
  return { kind: 'means', closed: all.slice(first), open };
}

/** Least squares, about the last mean for the sake of precision: moments are large numbers. */
export function lineThrough(memory: Memory): Line | undefined {
  if (memory?.kind !== 'means' || !memory.open) return undefined;
  const { closed, open } = memory;
  const means = closed.length / 2 + 1;
  if (means < 2) return undefined;
  let [t, v, tt, tv] = [0, open.value, 0, 0];
  for (let index = 0; index < closed.length; index += 2) {
    const moment = ((closed[index] ?? 0) - open.moment) / dayMs;
    const value = closed[index + 1] ?? 0;
    t += moment;
    v += value;
    tt += moment * moment;
    tv += moment * value;
  }
  const perDay = (means * tv - t * v) / (means * tt - t * t);
  return { now: (v - perDay * t) / means, perDay, spanMs: open.moment - (closed[0] ?? open.moment), means };
}

function daysLeft({ reaches, direction }: ForecastRule, { now, perDay }: Line): number {
  const way = direction === 'above' ? reaches - now : now - reaches;
  const speed = direction === 'above' ? perDay : -perDay;
  if (way <= 0) return 0;
  return speed > 0 ? Math.min(neverDays, way / speed) : neverDays;
}
