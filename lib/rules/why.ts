import type { TransitionType } from './judge.ts';
import type { RuleLevel } from './levels.ts';
import type { Judged } from './rule.ts';
import type { ObjectState } from './state.ts';

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

/** `state` is that before the transition, with the reading that brought it already taken in. */
export function whyOf(judged: Judged, type: TransitionType, state: ObjectState, at: number, reason?: string): Why {
  const { rule, hold, meter } = judged;
  const level = hold.levels.find((candidate) => candidate.severity === state.severity);
  const conditionSince = state.levels.find((candidate) => candidate.severity === state.severity)?.since ?? null;
  return {
    rule: rule.id,
    kind: rule.kind,
    says: `${says(judged, type, state, level, at, reason)}.`,
    value: state.value,
    threshold: level?.threshold ?? null,
    clear: level ? (level.clear ?? level.threshold) : null,
    conditionSince,
    lastSampleAt: state.seenAt,
    samples: state.samples,
    severity: state.severity,
    forSeconds: hold.forSeconds ?? 0,
    keepFiringForSeconds: hold.keepFiringForSeconds ?? 0,
    hits: hold.hits ?? { n: 1, m: 1 },
    noDataAfterSeconds: hold.noDataAfterSeconds ?? null,
    ...meter.evidence(state.memory ?? null),
  };
}

function says(
  judged: Judged,
  type: TransitionType,
  state: ObjectState,
  level: RuleLevel | undefined,
  at: number,
  reason = '',
): string {
  const { hold, meter } = judged;
  const is = meter.is(state.value, state.memory ?? null);
  const limit = level ? limitOf(judged, level.threshold) : '';
  switch (type) {
    case 'pending':
      return `${is}${limit}; fires if that holds for ${hold.forSeconds ?? 0} s`;
    case 'firing':
      return `${is}${limit}${hold.forSeconds ? ` for ${hold.forSeconds} s` : ''}`;
    case 'severity-changed':
      return `${is}; the highest level that holds is now ${state.severity}${limit}`;
    case 'resolved':
      return level ? `${is}${overOf(judged, level)}` : `${is}; the level that fired is no longer part of the rule`;
    case 'lapsed':
      return reason || `${is}, and did not stay beyond the threshold for ${hold.forSeconds ?? 0} s`;
    case 'no-data':
    case 'error':
    case 'learning':
      return reason;
    case 'data-back':
      return `${is}, the first figure after ${Math.round((at - state.since) / 1000)} s without`;
    case 'gone':
      return 'the object does not exist any more; whether the cause has ended is not known';
    case 'withdrawn':
      return 'the rule does not count for it any more; whether the cause has ended is not known';
  }
}

/** `, above 80 % in 2 of the last 3 samples`; a condition that is true has no limit. */
function limitOf({ rule, hold, meter }: Judged, threshold: number): string {
  if (rule.kind === 'composite') return '';
  const hits = hold.hits && hold.hits.m > 1 ? ` in ${hold.hits.n} of the last ${hold.hits.m} samples` : '';
  return `, ${hold.compare === 'at-least' ? 'at least' : hold.compare} ${meter.figure(threshold)}${hits}`;
}

function overOf({ hold, meter }: Judged, { threshold, clear }: RuleLevel): string {
  return hold.compare === 'at-least' ? '' : `, no longer beyond ${meter.figure(clear ?? threshold)}`;
}
