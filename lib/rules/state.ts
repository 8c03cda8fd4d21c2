import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type RuleLevel, type Severity, severities, type ThresholdRule } from './rule.ts';

const Moment = Type.Union([Type.Number(), Type.Null()]);
const SeverityName = Type.Union([Type.Literal('info'), Type.Literal('warning'), Type.Literal('critical')]);

const LevelState = Type.Object({
  severity: SeverityName,
  /** Since when the condition holds; null when it does not. */
  since: Moment,
  firing: Type.Boolean(),
  /** Since when a firing level's condition has ended. */
  clearSince: Moment,
  /** One bit for each of the last samples, the newest lowest: beyond the threshold, or beyond `clear` while firing. */
  window: Type.Integer(),
});

const ObjectState = Type.Object({
  status: Type.Union([
    Type.Literal('ok'),
    Type.Literal('pending'),
    Type.Literal('firing'),
    Type.Literal('no-data'),
    Type.Literal('gone'),
  ]),
  /** Of the highest level that fires or, while none does, is pending. */
  severity: Type.Union([SeverityName, Type.Null()]),
  /** When this status began. */
  since: Type.Number(),
  levels: Type.Array(LevelState),
  /** Time and value of the last sample. */
  seenAt: Moment,
  value: Moment,
  /** The last samples while the state is not plainly ok: what a transition was decided on. */
  samples: Type.Array(Type.Object({ at: Type.Number(), value: Type.Number() })),
  /** In how many evaluations in a row the object did not exist. */
  missing: Type.Integer(),
  /** Counts the transitions of this object under this rule. */
  sequence: Type.Integer(),
});

/** What is known of one object under one rule. Times are milliseconds since the epoch. */
export type ObjectState = Static<typeof ObjectState>;
export type LevelState = Static<typeof LevelState>;
export type Status = ObjectState['status'];

export function initialState(rule: ThresholdRule, now: number): ObjectState {
  const levels = rule.levels.map(freshLevel);
  const nothingSeen = { seenAt: null, value: null, samples: [], missing: 0 };
  return { status: 'ok', severity: null, since: now, levels, ...nothingSeen, sequence: 0 };
}

export function freshLevel({ severity }: Pick<RuleLevel, 'severity'>): LevelState {
  return { severity, since: null, firing: false, clearSince: null, window: 0 };
}

export function isObjectState(value: unknown): value is ObjectState {
  return Value.Check(ObjectState, value);
}

/**
 * Fits a stored state to a rule that may have been changed since, and to the time that has gone by unseen: a hold time
 * does not go on while nobody looks, and the wait for data begins anew.
 */
export function resume(rule: ThresholdRule, state: ObjectState, downMs: number, now: number): ObjectState {
  const levels = rule.levels.map(({ severity }) => {
    const level = state.levels.find((other) => other.severity === severity) ?? freshLevel({ severity });
    return { ...level, since: later(level.since, downMs, now), clearSince: later(level.clearSince, downMs, now) };
  });
  return { ...state, levels, seenAt: state.seenAt === null ? null : now };
}

function later(moment: number | null, byMs: number, now: number): number | null {
  return moment === null ? null : Math.min(moment + byMs, now);
}

/** Brings moments that lie in the future back to now: the wall clock was set back. */
export function rebase(state: ObjectState, now: number): ObjectState {
  const levels = state.levels.map((level) => ({
    ...level,
    since: notAfter(level.since, now),
    clearSince: notAfter(level.clearSince, now),
  }));
  return { ...state, levels, seenAt: notAfter(state.seenAt, now), since: Math.min(state.since, now) };
}

function notAfter(moment: number | null, now: number): number | null {
  return moment === null ? null : Math.min(moment, now);
}

export interface Standing {
  readonly status: 'ok' | 'pending' | 'firing';
  readonly severity: Severity | null;
}

/** What the levels add up to: the highest one that fires, or else the highest that is pending. */
export function standing(levels: readonly LevelState[]): Standing {
  const firing = highest(levels, (level) => level.firing);
  if (firing) return { status: 'firing', severity: firing };
  const pending = highest(levels, (level) => level.since !== null);
  return pending ? { status: 'pending', severity: pending } : { status: 'ok', severity: null };
}

function highest(levels: readonly LevelState[], suits: (level: LevelState) => boolean): Severity | null {
  let rank = -1;
  for (const level of levels) if (suits(level)) rank = Math.max(rank, severities.indexOf(level.severity));
  return severities[rank] ?? null;
}
