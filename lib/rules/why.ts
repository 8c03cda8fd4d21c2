import type { RuleLevel, ThresholdRule } from './rule.ts';
import type { ObjectState } from './state.ts';
import type { TransitionType } from './threshold.ts';

/** What a transition was decided on, for programs and, in `says`, for people. */
export interface Why {
  readonly rule: string;
  readonly says: string;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly clear: number | null;
  /** Since when the condition held. */
  readonly conditionSince: number | null;
  readonly lastSampleAt: number | null;
  readonly samples: readonly { readonly at: number; readonly value: number }[];
  readonly [key: string]: unknown;
}

/** `state` is that before the transition, with the sample that brought it already taken in. */
export function whyOf(rule: ThresholdRule, type: TransitionType, state: ObjectState, at: number): Why {
  const level = rule.levels.find((candidate) => candidate.severity === state.severity);
  const conditionSince = state.levels.find((candidate) => candidate.severity === state.severity)?.since ?? null;
  return {
    rule: rule.id,
    says: `${says(rule, type, state, level, at)}.`,
    value: state.value,
    threshold: level?.threshold ?? null,
    clear: level ? (level.clear ?? level.threshold) : null,
    conditionSince,
    lastSampleAt: state.seenAt,
    samples: state.samples,
    field: rule.value.field,
    of: rule.value.of ?? null,
    unit: rule.unit,
    direction: rule.direction,
    severity: state.severity,
    forSeconds: rule.forSeconds ?? 0,
    keepFiringForSeconds: rule.keepFiringForSeconds ?? 0,
    hits: rule.hits ?? { n: 1, m: 1 },
    noDataAfterSeconds: rule.noDataAfterSeconds ?? null,
  };
}

function says(
  rule: ThresholdRule,
  type: TransitionType,
  state: ObjectState,
  level: RuleLevel | undefined,
  at: number,
): string {
  const is = `${subject(rule)} is ${figure(rule, state.value)}`;
  const limit = level ? `${rule.direction} ${figure(rule, level.threshold)}${hits(rule)}` : '';
  const clear = level ? figure(rule, level.clear ?? level.threshold) : '';
  switch (type) {
    case 'pending':
      return `${is}, ${limit}; fires if that holds for ${rule.forSeconds ?? 0} s`;
    case 'firing':
      return `${is}, ${limit}${rule.forSeconds ? ` for ${rule.forSeconds} s` : ''}`;
    case 'severity-changed':
      return `${is}; the highest level that holds is now ${state.severity}, ${limit}`;
    case 'resolved':
      return level ? `${is}, no longer beyond ${clear}` : `${is}; the level that fired is no longer part of the rule`;
    case 'lapsed':
      return `${is}, and did not stay beyond the threshold for ${rule.forSeconds ?? 0} s`;
    case 'no-data':
      return `no figure of ${subject(rule)} for ${rule.noDataAfterSeconds ?? 0} s`;
    case 'data-back':
      return `${is}, the first figure after ${Math.round((at - state.since) / 1000)} s without`;
    case 'gone':
      return 'the object does not exist any more; whether the cause has ended is not known';
  }
}

function subject({ value }: ThresholdRule): string {
  return value.of === undefined ? value.field : `${value.field} of ${value.of}`;
}

function figure({ unit }: ThresholdRule, value: number | null): string {
  if (value === null) return 'unknown';
  const rounded = Number(value.toPrecision(4));
  return unit === 'percent' ? `${rounded} %` : String(rounded);
}

function hits({ hits }: ThresholdRule): string {
  return hits && hits.m > 1 ? ` in ${hits.n} of the last ${hits.m} samples` : '';
}
