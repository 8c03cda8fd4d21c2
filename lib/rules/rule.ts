import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { VirtflowError } from '../model/errors.ts';
import { AbsenceRule, absenceMeter } from './kinds/absence.ts';
import { AnomalyRule, anomalyMeter } from './kinds/anomaly.ts';
import { CompositeRule, compositeMeter, compositeProblem } from './kinds/composite.ts';
import { EventCountRule, eventCountMeter } from './kinds/event-count.ts';
import { figureProblem } from './kinds/figure.ts';
import { ForecastRule, forecastMeter } from './kinds/forecast.ts';
import { RateRule, rateMeter } from './kinds/rate.ts';
import { StateRule, stateMeter } from './kinds/state.ts';
import { ThresholdRule, thresholdMeter } from './kinds/threshold.ts';
import { type Compare, type Hold, holdProblem } from './levels.ts';
import type { Meter } from './meter.ts';
import { targetsProblem } from './targets.ts';

/** A rule of any kind, as it stands in a file. */
export const Rule = Type.Union([
  ThresholdRule,
  RateRule,
  AbsenceRule,
  StateRule,
  EventCountRule,
  ForecastRule,
  AnomalyRule,
  CompositeRule,
]);
export type Rule = Static<typeof Rule>;
export type RuleKind = Rule['kind'];

const schemas = {
  threshold: ThresholdRule,
  rate: RateRule,
  absence: AbsenceRule,
  state: StateRule,
  'event-count': EventCountRule,
  forecast: ForecastRule,
  anomaly: AnomalyRule,
  composite: CompositeRule,
} as const;

export const ruleKinds = Object.keys(schemas);

/** A rule with what judges by it. */
export interface Judged {
  readonly rule: Rule;
  readonly hold: Hold;
  readonly meter: Meter;
}

/** Reads a rule from a node's configuration or a file. @throws RULE_INVALID with what is wrong */
export function parseRule(value: unknown): Rule {
  if (!Value.Check(Rule, value)) throw invalid(wrongForm(value));
  const problem = problemOf(value);
  if (problem !== undefined) throw invalid(problem);
  return value;
}

/** The parts that a rule is judged by. @throws RULE_INVALID */
export function judgedBy(value: unknown): Judged {
  const rule = parseRule(value);
  return { rule, hold: holdOf(rule), meter: meterOf(rule) };
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('RULE_INVALID', { reason });
}

/** By the schema of its kind alone: what is wrong with a union says nothing. */
function wrongForm(value: unknown): string {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  const schema = Object.entries(schemas).find(([name]) => name === kind)?.[1];
  if (!schema) return `its kind has to be one of ${ruleKinds.join(', ')}`;
  const [error] = Value.Errors(schema, value);
  const where = error?.instancePath.slice(1).replaceAll('/', '.') || 'it';
  return `${where} ${error?.message ?? 'has the wrong form'}`;
}

function problemOf(rule: Rule): string | undefined {
  return (rule.targets && targetsProblem(rule.targets)) ?? problemOfKind(rule);
}

function problemOfKind(rule: Rule): string | undefined {
  if (rule.kind === 'composite') return compositeProblem(rule);
  return ('unit' in rule ? figureProblem(rule) : undefined) ?? ownProblem(rule) ?? holdProblem(holdOf(rule));
}

function ownProblem(rule: Rule): string | undefined {
  if (rule.kind === 'anomaly' && (rule.leastWeeks ?? 2) > (rule.weeks ?? 4)) {
    return `${rule.leastWeeks ?? 2} weeks are never known where ${rule.weeks ?? 4} are looked at`;
  }
  if (rule.kind === 'forecast' && (rule.leastSeconds ?? 0) > rule.pastSeconds) {
    return `a past of ${rule.leastSeconds} s is never known where ${rule.pastSeconds} s are looked at`;
  }
  const isLeast = rule.kind === 'absence' || rule.kind === 'state' || rule.kind === 'event-count';
  if (isLeast && rule.levels.some(({ threshold }) => threshold <= 0)) return 'its thresholds have to be above 0';
  return undefined;
}

function holdOf(rule: Rule): Hold {
  if (rule.kind !== 'composite') return { ...rule, compare: compareOf(rule) };
  return { ...rule, compare: 'at-least', levels: [{ severity: rule.severity, threshold: 1 }] };
}

function compareOf(rule: Rule): Compare {
  if (rule.kind === 'threshold' || rule.kind === 'rate') return rule.direction;
  if (rule.kind === 'forecast') return 'below';
  return rule.kind === 'anomaly' ? 'above' : 'at-least';
}

function meterOf(rule: Rule): Meter {
  switch (rule.kind) {
    case 'threshold':
      return thresholdMeter(rule);
    case 'rate':
      return rateMeter(rule);
    case 'absence':
      return absenceMeter(rule);
    case 'state':
      return stateMeter(rule);
    case 'event-count':
      return eventCountMeter(rule);
    case 'forecast':
      return forecastMeter(rule);
    case 'anomaly':
      return anomalyMeter(rule);
    case 'composite':
      return compositeMeter(rule);
  }
}
