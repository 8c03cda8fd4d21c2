import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { VirtflowError } from '../model/errors.ts';

/** From the least to the most severe. */
export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

const Seconds = Type.Number({ minimum: 0, maximum: 366 * 86_400 });

const Level = Type.Object({
  severity: Type.Union([Type.Literal('info'), Type.Literal('warning'), Type.Literal('critical')]),
  threshold: Type.Number(),
  /** Where a firing level clears; the threshold itself when not given. */
  clear: Type.Optional(Type.Number()),
});

const Rule = Type.Object({
  /** Lasting and unique; states are kept under it. */
  id: Type.String({ minLength: 1 }),
  name: Type.String(),
  measurement: Type.Optional(
    Type.Union([
      Type.Literal('vm'),
      Type.Literal('vm_disk'),
      Type.Literal('vm_nic'),
      Type.Literal('host'),
      Type.Literal('storage_pool'),
    ]),
  ),
  /** The field to judge; with `of`, its share of another field of the same sample. */
  value: Type.Object({ field: Type.String({ minLength: 1 }), of: Type.Optional(Type.String({ minLength: 1 })) }),
  /** `percent` without `of` is for ratios: 0.9 is judged as 90. Thresholds are in this unit. */
  unit: Type.Union([Type.Literal('absolute'), Type.Literal('percent')]),
  direction: Type.Union([Type.Literal('above'), Type.Literal('below')]),
  levels: Type.Array(Level, { minItems: 1, maxItems: 3 }),
  /** How long the condition must hold before the level fires. */
  forSeconds: Type.Optional(Seconds),
  /** How long a firing level goes on after the condition has ended. */
  keepFiringForSeconds: Type.Optional(Seconds),
  /** The condition holds when `n` of the last `m` samples are beyond the threshold. */
  hits: Type.Optional(Type.Object({ n: Type.Integer({ minimum: 1 }), m: Type.Integer({ minimum: 1, maximum: 30 }) })),
  /** Without a sample for so long the state is `no-data`. */
  noDataAfterSeconds: Type.Optional(Seconds),
});

export type ThresholdRule = Static<typeof Rule>;
export type RuleLevel = ThresholdRule['levels'][number];

/** Reads a rule from a node's configuration or a file. @throws RULE_INVALID with what is wrong */
export function parseRule(value: unknown): ThresholdRule {
  if (!Value.Check(Rule, value)) {
    const [error] = Value.Errors(Rule, value);
    throw invalid(
      `${error?.instancePath.slice(1).replaceAll('/', '.') || 'it'} ${error?.message ?? 'has the wrong form'}`,
    );
  }
  const problem = problemOf(value);
  if (problem !== undefined) throw invalid(problem);
  return value;
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('RULE_INVALID', { reason });
}

function problemOf(rule: ThresholdRule): string | undefined {
  const { hits, noDataAfterSeconds, unit, value } = rule;
  if (hits && hits.n > hits.m) return `${hits.n} of the last ${hits.m} samples can never be beyond the threshold`;
  if (noDataAfterSeconds === 0) return 'a time of 0 s without data would be over at once';
  if (value.of !== undefined && unit !== 'percent') return `a share of ${value.of} is judged in percent`;
  return rule.levels.map((level) => clearProblem(rule, level)).find(Boolean) ?? orderProblem(rule);
}

function clearProblem({ direction }: ThresholdRule, { severity, threshold, clear }: RuleLevel): string | undefined {
  if (clear === undefined || !beyond(direction, clear, threshold)) return undefined;
  const side = direction === 'above' ? 'below' : 'above';
  return `the clear threshold ${clear} of ${severity} has to be ${side} its threshold ${threshold}, or equal to it`;
}

/** A more severe level lies further out, otherwise it would hide the lesser one or never be the highest. */
function orderProblem({ direction, levels }: ThresholdRule): string | undefined {
  const ranked = levels.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  for (const [index, level] of ranked.entries()) {
    const lesser = ranked[index - 1];
    if (!lesser) continue;
    if (lesser.severity === level.severity) return `the severity ${level.severity} has two thresholds`;
    if (beyond(direction, level.threshold, lesser.threshold)) continue;
    return `the threshold ${level.threshold} of ${level.severity} has to be ${direction} that of ${lesser.severity}, ${lesser.threshold}`;
  }
  return undefined;
}

/** Strictly: a value that equals the threshold is not beyond it. */
export function beyond(direction: 'above' | 'below', value: number, threshold: number): boolean {
  return direction === 'above' ? value > threshold : value < threshold;
}

/** The figure that a rule judges, in the rule's unit; undefined when the sample does not have it. */
export function measure(rule: ThresholdRule, fields: Readonly<Record<string, number>>): number | undefined {
  const value = fields[rule.value.field];
  if (value === undefined || !Number.isFinite(value)) return undefined;
  if (rule.value.of === undefined) return rule.unit === 'percent' ? value * 100 : value;
  const whole = fields[rule.value.of];
  return whole !== undefined && whole > 0 ? (value / whole) * 100 : undefined;
}
