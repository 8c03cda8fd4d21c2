import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Hold, type RuleLevel, type Severity, SeverityName, severities } from './levels.ts';
import { Memory, type Status, StatusName } from './memory.ts';
import type { Judged } from './rule.ts';

const Moment = Type.Union([Type.Number(), Type.Null()]);

const LevelState = Type.Object({
  severity: SeverityName,
  /** Since when the condition holds; null when it does not. */
  since: Moment,
  firing: Type.Boolean(),
  /** Since when a firing level's condition has ended. */
  clearSince: Moment,
  /** One bit for each of the last readings, the newest lowest: beyond the threshold, or beyond `clear` while firing. */
  window: Type.Integer(),
});

const ObjectState = Type.Object({
  status: StatusName,
  /** Of the highest level that fires or, while none does, is pending. */
  severity: Type.Union([SeverityName, Type.Null()]),
  /** When this status began. */
  since: Type.Number(),
  levels: Type.Array(LevelState),
  /** Time and value of the last reading. */
  seenAt: Moment,
  value: Moment,
  /** The last readings while the state is not plainly ok: what a transition was decided on. */
  samples: Type.Array(Type.Object({ at: Type.Number(), value: Type.Number() })),
  /** In how many evaluations in a row the object did not exist. */
  missing: Type.Integer(),
  /** Counts the transitions of this object under this rule. */
  sequence: Type.Integer(),
  /** Why it cannot be judged, where it cannot. */
  reason: Type.Optional(Type.String()),
  /** It cannot be judged, and nobody was told so: it is only being got to know. */
  quiet: Type.Optional(Type.Boolean()),
  /** What its kind of rule remembers of it. */
  memory: Type.Optional(Memory),
});

/** What is known of one object under one rule. Times are milliseconds since the epoch. */
export type ObjectState = Static<typeof ObjectState>;
export type LevelState = Static<typeof LevelState>;
export type { Status };

export function initialState({ hold }: Judged, now: number): ObjectState {
  const levels = hold.levels.map(freshLevel);
  const nothingSeen = { seenAt: null, value: null, samples: [], missing: 0 };
  return { status: 'ok', severity: null, since: now, levels, ...nothingSeen, sequence: 0, memory: null };
}

export function freshLevel({ severity }: Pick<RuleLevel, 'severity'>): LevelState {
  return { severity, since: null, firing: false, clearSince: null, window: 0 };
}

/** Compiled, for a start reads one of each object. */
const objectState = Compile(ObjectState);

export function isObjectState(value: unknown): value is ObjectState {
  return objectState.Check(value);
}

/**
 * Fits a stored state to a rule that may have been changed since, and to the time that has gone by unseen: a hold time
 * does not go on while nobody looks, and the wait for data begins anew.
 */
export function resume({ hold, meter }: Judged, state: ObjectState, downMs: number, now: number): ObjectState {
  const moved = (moment: number) => Math.min(moment + downMs, now);
  const levels = hold.levels.map(({ severity }) => {
    const level = state.levels.find((other) => other.severity === severity) ?? freshLevel({ severity });
    return moveLevel(level, moved);
  });
  const memory = countsTime(state.memory ?? null) ? meter.shift(state.memory ?? null, moved) : (state.memory ?? null);
  return { ...state, levels, memory, seenAt: state.seenAt === null ? null : now };
}

/** Series keep the moments that they were measured at. */
function countsTime(memory: Memory): boolean {
  return memory?.kind === 'stopwatch';
}

/** Brings moments that lie in the future back to now: the wall clock was set back. */
export function rebase({ meter }: Judged, state: ObjectState, now: number): ObjectState {
  const moved = (moment: number) => Math.min(moment, now);
  return {
    ...state,
    levels: state.levels.map((level) => moveLevel(level, moved)),
    memory: meter.shift(state.memory ?? null, moved),
    seenAt: state.seenAt === null ? null : moved(state.seenAt),
    since: moved(state.since),
  };
}

function moveLevel(level: LevelState, moved: (moment: number) => number): LevelState {
  const { since, clearSince } = level;
  if (since === null && clearSince === null) return level;
  return {
    ...level,
    since: since === null ? null : moved(since),
    clearSince: clearSince === null ? null : moved(clearSince),
  };
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

/** When a level has something to do by itself; Infinity when never. */
export function levelDue(hold: Hold, { firing, since, clearSince }: LevelState): number {
  if (!firing) return since === null ? Number.POSITIVE_INFINITY : since + (hold.forSeconds ?? 0) * 1000;
  return clearSince === null ? Number.POSITIVE_INFINITY : clearSince + (hold.keepFiringForSeconds ?? 0) * 1000;
}

export function isBlind(status: Status): boolean {
  return status === 'no-data' || status === 'error' || status === 'learning';
}
