import { beyond, type RuleLevel, type Severity, type ThresholdRule } from './rule.ts';
import { freshLevel, type LevelState, type ObjectState, rebase, type Status, standing } from './state.ts';
import { type Why, whyOf } from './why.ts';

/** What is seen of an object in one evaluation; `nothing` lets time go by. Times are milliseconds since the epoch. */
export type Observation =
  | { readonly type: 'sample'; readonly at: number; readonly value: number }
  | { readonly type: 'missing' }
  | { readonly type: 'nothing' };

/** `lapsed`: pending, and over before the hold time was. */
export type TransitionType =
  | 'pending'
  | 'lapsed'
  | 'firing'
  | 'severity-changed'
  | 'resolved'
  | 'no-data'
  | 'data-back'
  | 'gone';

/** One step of an object's record under a rule; `sequence` counts them without a gap. */
export interface Transition {
  readonly sequence: number;
  readonly type: TransitionType;
  /** The moment from which it holds, which may lie a little before the evaluation that found it. */
  readonly at: number;
  readonly status: Status;
  readonly severity: Severity | null;
  readonly previousSeverity: Severity | null;
  readonly value: number | null;
  readonly why: Why;
}

export interface Evaluation {
  readonly state: ObjectState;
  readonly transitions: readonly Transition[];
}

const goneAfterEvaluations = 2;
const samplesKept = 10;
const noTransitions: readonly Transition[] = [];

/**
 * Judges one object: a pure function. Each level goes its own way from ok over pending to firing, with the hold time,
 * the hits and the clear threshold of the rule; the object shows the highest.
 *
 * A value holds until the next one comes: a hold time that ends between two samples ends then, and the result does not
 * depend on how often time is let go by. Without a sample for `noDataAfterSeconds` the state is `no-data`: what fires
 * stays so underneath and is resolved by a sample alone, what is pending begins anew. An object that does not exist in
 * two evaluations is `gone`, which says nothing of its cause. Samples older than the last are passed over.
 */
export function evaluate(rule: ThresholdRule, state: ObjectState, observation: Observation, now: number): Evaluation {
  const work = new Work(rule, inPast(state, observation, now));
  if (observation.type === 'missing') work.miss(now);
  else if (observation.type === 'sample' && work.isNew(observation)) work.take(observation);
  else work.passUntil(now);
  return { state: work.state, transitions: work.transitions ?? noTransitions };
}

/** A state that lies in the future is brought back, before the sample that is to be taken: the clock was set back. */
function inPast(state: ObjectState, observation: Observation, now: number): ObjectState {
  if (state.seenAt === null || state.seenAt <= now) return state;
  return rebase(state, observation.type === 'sample' ? Math.min(now, observation.at - 1) : now);
}

/** When `evaluate` has something to do even without a sample; Infinity when never. */
export function nextDue(rule: ThresholdRule, state: ObjectState): number {
  let due = noDataDue(rule, state);
  for (const level of state.levels) due = Math.min(due, levelDue(rule, level));
  return due;
}

function noDataDue({ noDataAfterSeconds }: ThresholdRule, { seenAt, status }: ObjectState): number {
  if (noDataAfterSeconds === undefined || seenAt === null || status === 'no-data' || status === 'gone') return Infinity;
  return seenAt + noDataAfterSeconds * 1000;
}

function levelDue(rule: ThresholdRule, { firing, since, clearSince }: LevelState): number {
  if (!firing) return since === null ? Infinity : since + (rule.forSeconds ?? 0) * 1000;
  return clearSince === null ? Infinity : clearSince + (rule.keepFiringForSeconds ?? 0) * 1000;
}

/** One evaluation: the state as it moves on, and the transitions on the way. */
class Work {
  state: ObjectState;
  transitions: Transition[] | undefined;
  readonly #rule: ThresholdRule;

  constructor(rule: ThresholdRule, state: ObjectState) {
    this.#rule = rule;
    this.state = state;
  }

  isNew({ at, value }: { at: number; value: number }): boolean {
    const { seenAt } = this.state;
    return seenAt === null || at > seenAt || (at === seenAt && value !== this.state.value);
  }

  miss(now: number): void {
    this.passUntil(now);
    const missing = this.state.missing + 1;
    this.state = { ...this.state, missing };
    if (missing < goneAfterEvaluations || this.state.status === 'gone') return;
    if (this.state.status !== 'ok') this.#record('gone', 'gone', null, now);
    const levels = this.#rule.levels.map(freshLevel);
    this.state = { ...this.state, status: 'gone', severity: null, since: now, levels, samples: [] };
  }

  take({ at, value }: { at: number; value: number }): void {
    this.passUntil(at);
    if (this.state.status === 'no-data') this.#dataBack(at, value);
    const levels = this.#settled(this.#levelsWith(value, at), at);
    const status = this.state.status === 'gone' ? 'ok' : this.state.status;
    const usual = levels === this.state.levels && status === 'ok' && levels.every((level) => level.window === 0);
    const samples = usual ? none : [...this.state.samples.slice(1 - samplesKept), { at, value }];
    this.state = { ...this.state, status, seenAt: at, value, samples, missing: 0 };
    if (!usual) this.#moveTo(levels, at);
  }

  /** Lets happen what was due before this moment; what is due in it waits for a sample of the same moment. */
  passUntil(now: number): void {
    for (let due = nextDue(this.#rule, this.state); due < now; due = nextDue(this.#rule, this.state)) {
      const levels = this.#settled(this.state.levels, due);
      if (levels !== this.state.levels) this.#moveTo(levels, due);
      else this.#noData(due);
    }
  }

  #dataBack(at: number, value: number): void {
    this.state = { ...this.state, value, seenAt: at };
    const { status, severity } = standing(this.state.levels);
    this.#record('data-back', status, severity, at);
  }

  #noData(at: number): void {
    this.#record('no-data', 'no-data', this.state.severity, at);
    const levels = this.state.levels.map((level) =>
      level.firing ? { ...level, clearSince: null } : freshLevel(level),
    );
    this.state = { ...this.state, levels };
  }

  #levelsWith(value: number, at: number): LevelState[] {
    const levels = this.state.levels.map((level) => {
      const rule = this.#rule.levels.find((candidate) => candidate.severity === level.severity);
      return rule ? levelWith(this.#rule, rule, level, value, at) : level;
    });
    return levels.every((level, index) => level === this.state.levels[index]) ? this.state.levels : levels;
  }

  /** The levels after all that is due in this moment. */
  #settled(levels: LevelState[], at: number): LevelState[] {
    if (!levels.some((level) => levelDue(this.#rule, level) <= at)) return levels;
    return levels.map((level) => {
      if (levelDue(this.#rule, level) > at) return level;
      return level.firing ? freshLevel(level) : { ...level, firing: true };
    });
  }

  #moveTo(levels: LevelState[], at: number): void {
    const before = { status: this.state.status, severity: this.state.severity };
    const next = standing(levels);
    const ended = before.status !== next.status;
    if (before.status === 'firing' && ended) this.#record('resolved', 'ok', null, at);
    if (before.status === 'pending' && next.status === 'ok') this.#record('lapsed', 'ok', null, at);
    // From here on the reasons are those of the new levels.
    this.state = { ...this.state, levels };
    if (ended && next.status !== 'ok') this.#record(next.status, next.status, next.severity, at);
    else if (next.status === 'firing' && before.severity !== next.severity) {
      this.#record('severity-changed', 'firing', next.severity, at);
    }
    this.state = { ...this.state, severity: next.severity };
    if (next.status === 'ok' && levels.every((level) => level.window === 0))
      this.state = { ...this.state, samples: none };
  }

  #record(type: TransitionType, status: Status, severity: Severity | null, moment: number): void {
    const before = this.state;
    const at = Math.max(moment, before.sequence > 0 ? before.since : moment);
    const sequence = before.sequence + 1;
    const why = whyOf(this.#rule, type, { ...before, severity: severity ?? before.severity }, at);
    this.transitions ??= [];
    this.transitions.push({
      sequence,
      type,
      at,
      status,
      severity,
      previousSeverity: before.severity,
      value: before.value,
      why,
    });
    this.state = { ...before, status, severity, since: at, sequence };
  }
}

const none: ObjectState['samples'] = [];

function levelWith(rule: ThresholdRule, level: RuleLevel, state: LevelState, value: number, at: number): LevelState {
  const { n, m } = rule.hits ?? { n: 1, m: 1 };
  const limit = state.firing ? (level.clear ?? level.threshold) : level.threshold;
  const window = ((state.window << 1) | (beyond(rule.direction, value, limit) ? 1 : 0)) & (2 ** m - 1);
  const holds = bitsIn(window) >= n;
  const since = state.firing || holds ? (state.since ?? at) : null;
  const clearSince = state.firing && !holds ? (state.clearSince ?? at) : null;
  if (window === state.window && since === state.since && clearSince === state.clearSince) return state;
  return { ...state, window, since, clearSince };
}

function bitsIn(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}
