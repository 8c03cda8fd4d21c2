import { type Static, Type } from 'typebox';
import { average } from '../../metrics/trend.ts';
import type { Memory } from '../memory.ts';
import { type Meter, rounded, type Step, stillMeter } from '../meter.ts';
import { evidenceOf, inUnit, measure, nameOf } from './figure.ts';
import { closed, common, levels, sampled } from './shared.ts';

export const AnomalyRule = Type.Object(
  {
    ...common,
    kind: Type.Literal('anomaly'),
    ...sampled,
    direction: Type.Union([Type.Literal('above'), Type.Literal('below'), Type.Literal('both')]),
    /** How many former weeks are looked at; 4 when not given. */
    weeks: Type.Optional(Type.Integer({ minimum: 1, maximum: 12 })),
    /** With fewer weeks of this hour nothing is judged; 2 when not given. */
    leastWeeks: Type.Optional(Type.Integer({ minimum: 1, maximum: 12 })),
    /** What a deviation is at least, in the rule's unit: small changes of a figure that hardly changes are none. */
    leastDeviation: Type.Optional(Type.Number({ minimum: 0 })),
    /** Thresholds are deviations from the median. */
    levels,
  },
  closed,
);
export type AnomalyRule = Static<typeof AnomalyRule>;

/** Means are taken over so long. */
export const quarterMs = 900_000;
const hoursInWeek = 168;
/** Makes of the median deviation what the standard deviation would be if the figures were normally distributed. */
const toSigma = 1.4826;
const highestScore = 1_000;

export interface Usual {
  readonly median: number;
  readonly deviation: number;
  readonly weeks: number;
  readonly quarters: number;
}

/**
 * Reads how many deviations a figure is away from what it was at the same hour of former weeks: median and median
 * absolute deviation of the quarter-hours of that hour. Hours are those of UTC, so that a week has always as many.
 */
export function anomalyMeter(rule: AnomalyRule): Meter {
  const weeks = rule.weeks ?? 4;
  const leastWeeks = rule.leastWeeks ?? 2;
  const leastDeviation = rule.leastDeviation ?? (rule.unit === 'percent' ? 1 : 0);
  return {
    ...stillMeter,
    take(memory, input): Step {
      const value = input.type === 'sample' ? measure(rule, input.fields) : undefined;
      if (input.type !== 'sample' || value === undefined) return { memory };
      const kept = withQuarter(memory, weeks, input.at, value);
      const usual = usualAt(kept, leastDeviation);
      if (!usual || usual.weeks < leastWeeks) {
        const reason = `only ${usual?.weeks ?? 0} former weeks of this hour are known, and ${leastWeeks} are needed`;
        return { memory: kept, reading: { status: 'learning', reason } };
      }
      return { memory: kept, reading: scoreOf(rule, usual, value) };
    },
    // Once an hour for each object: what a kill loses is at most that.
    isWorthKeeping: (before, after) => hourOf(before) !== hourOf(after),
    is(value, memory) {
      const usual = usualAt(memory, leastDeviation);
      const current = memory?.kind === 'weeks' ? memory.value : null;
      const about = usual
        ? `; at this hour of ${usual.weeks} former weeks it was about ${inUnit(rule, usual.median)}`
        : '';
      return `${nameOf(rule)} is ${inUnit(rule, current)}, ${rounded(value ?? 0)} deviations away${about}`;
    },
    lack: `no figure of ${nameOf(rule)}`,
    figure: (value) => `${rounded(value)} deviations`,
    evidence: (memory) => ({
      ...evidenceOf(rule),
      direction: rule.direction,
      figure: memory?.kind === 'weeks' ? memory.value : null,
      usual: usualAt(memory, leastDeviation) ?? null,
    }),
  };
}

function scoreOf({ direction }: AnomalyRule, { median, deviation }: Usual, value: number): number {
  const away = value - median;
  if (away === 0) return 0;
  const score = Math.max(-highestScore, Math.min(highestScore, away / deviation));
  if (direction === 'both') return Math.abs(score);
  return direction === 'above' ? score : -score;
}

function hourOf(memory: Memory): number | undefined {
  return memory?.kind === 'weeks' && memory.open ? Math.floor(memory.open.bucket / 4) : undefined;
}

function withQuarter(memory: Memory, weeks: number, at: number, value: number): Memory {
  const known = memory?.kind === 'weeks' ? memory : { hours: fresh, open: null };
  const { open, closed } = average(known.open, quarterMs, at, value);
  const hours = closed ? withMean(known.hours, weeks, Math.floor(closed.bucket / 4), closed.value) : known.hours;
  return { kind: 'weeks', hours, open, value };
}

const fresh: number[][] = Array.from({ length: hoursInWeek }, () => []);

function withMean(hours: number[][], weeks: number, hour: number, mean: number): number[][] {
  const slot = hour % hoursInWeek;
  const known = hours[slot] ?? [];
  let first = 0;
  for (; (known[first] ?? hour) < hour - weeks * hoursInWeek; first += 2);
  return hours.with(slot, [...known.slice(first), hour, Number(mean.toPrecision(6))]);
}

/** What is usual at the hour of the last value; of this week's own hour nothing counts. */
function usualAt(memory: Memory, leastDeviation: number): Usual | undefined {
  const hour = hourOf(memory);
  if (memory?.kind !== 'weeks' || hour === undefined) return undefined;
  const known = memory.hours[hour % hoursInWeek] ?? [];
  const means: number[] = [];
  const weeks = new Set<number>();
  for (let index = 0; index < known.length; index += 2) {
    if (known[index] === hour) continue;
    weeks.add(known[index] ?? 0);
    means.push(known[index + 1] ?? 0);
  }
  if (means.length === 0) return undefined;
  const median = medianOf(means);
  const deviation = Math.max(
    toSigma * medianOf(means.map((mean) => Math.abs(mean - median))),
    leastDeviation,
    Math.abs(median) / 20,
  );
  return { median, deviation, weeks: weeks.size, quarters: means.length };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
