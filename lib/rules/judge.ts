import { beyond, type Hold, type RuleLevel, type Severity } from './levels.ts';
import type { Blind, Input, Step } from './meter.ts';
import type { Judged } from './rule.ts';
import {
  freshLevel,
  isBlind,
  type LevelState,
  levelDue,
  type ObjectState,
  rebase,
  type Status,
  standing,
} from './state.ts';
import { type Why, whyOf } from './why.ts';

/**
 * `lapsed`: pending, and over before the hold time was. `data-back`: it can be judged again. `withdrawn`: the rule does
 * not count for the object any more.
 */
export const transitionTypes = [
  'pending',
  'lapsed',
  'firing',
  'severity-changed',
  'resolved',
  'no-data',
  'error',
  'learning',
  'data-back',
  'gone',
  'withdrawn',
] as const;
export type TransitionType = (typeof transitionTypes)[number];

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

export const goneAfterEvaluations = 2;
const samplesKept = 10;
const noTransitions: readonly Transition[] = [];

/**
 * Judges one object: a pure function, and the only one that does, live, in tests and over the past. The meter of the
 * rule's kind makes a reading of what comes in; each level goes its own way from ok over pending to firing, with the
 * hold time, the hits and the clear threshold of the rule; the object shows the highest.
 *
 * A reading holds until the next one comes: a hold time that ends between two ends then, and the result does not depend
 * on how often time is let go by. Who cannot be judged is in a state of its own, `no-data`, `error` or `learning`: what
 * fires stays so underneath and is resolved by a reading alone, what is pending begins anew. An object that does not
 * exist in two evaluations is `gone`, which says nothing of its cause; nor does `withdrawn`. What is older than the last reading is passed
 * over.
 */
export function judge(judged: Judged, state: ObjectState, input: Input, now: number): Evaluation {
  const work = new Work(judged, inPast(judged, state, input, now));
  if (input.type === 'missing') work.miss(now);
  else if (input.type === 'withdrawn') work.withdraw(now);
  else if (input.type === 'nothing' || input.at < (work.state.seenAt ?? input.at)) work.passUntil(now);
  else work.take(input);
  return { state: work.state, transitions: work.transitions ?? noTransitions };
}

/** A state that lies in the future is brought back, before what is to be taken: the clock was set back. */
function inPast(judged: Judged, state: ObjectState, input: Input, now: number): ObjectState {
  if (state.seenAt === null || state.seenAt <= now) return state;
  return rebase(judged, state, 'at' in input ? Math.min(now, input.at - 1) : now);
}

/** When `judge` has something to do though nothing comes in; Infinity when never. */
export function nextDue({ hold, meter }: Judged, state: ObjectState): number {
  return Math.min(holdDue(hold, state), meter.due(state.memory ?? null));
}

function holdDue(hold: Hold, state: ObjectState): number {
  let due = noDataDue(hold, state);
  for (const level of state.levels) due = Math.min(due, levelDue(hold, level));
  return due;
}

function noDataDue({ noDataAfterSeconds }: Hold, { seenAt, status }: ObjectState): number {
  if (noDataAfterSeconds === undefined || seenAt === null) return Number.POSITIVE_INFINITY;
  if (status === 'no-data' || status === 'gone') return Number.POSITIVE_INFINITY;
  return seenAt + noDataAfterSeconds * 1000;
}

type Telling = Exclude<Input, { type: 'missing' | 'withdrawn' | 'nothing' }>;

/** One evaluation: the state as it moves on, and the transitions on the way. */
class Work {
  state: ObjectState;
  transitions: Transition[] | undefined;
  readonly #judged: Judged;

  constructor(judged: Judged, state: ObjectState) {
    this.#judged = judged;
    this.state = state;
  }

  miss(now: number): void {
    this.passUntil(now);
    const missing = this.state.missing + 1;
    this.state = { ...this.state, missing };
    if (missing >= goneAfterEvaluations) this.#end('gone', now);
  }

  withdraw(now: number): void {
    this.passUntil(now);
    this.#end('withdrawn', now);
  }

  #end(type: 'gone' | 'withdrawn', now: number): void {
    if (this.state.status === 'gone') return;
    if (!isPlain(this.state)) this.#record(type, 'gone', null, now);
    const levels = this.#judged.hold.levels.map(freshLevel);
    this.state = { ...this.state, status: 'gone', severity: null, since: now, levels, samples: none, memory: null };
  }

  take(input: Telling): void {
    this.passUntil(input.at);
    if (input.type === 'blind') this.#blind(input.blind, input.at);
    else this.#read(this.#judged.meter.take(this.state.memory ?? null, input), input.at);
  }

  /** Lets happen what was due before this moment; what is due in it waits for what comes in at the same moment. */
  passUntil(now: number): void {
    const { hold, meter } = this.#judged;
    for (;;) {
      const { state } = this;
      const [own, metered] = [holdDue(hold, state), meter.due(state.memory ?? null)];
      const due = Math.min(own, metered);
      if (due >= now) return;
      if (metered === due) this.#read(meter.pass(state.memory ?? null, due), due);
      else this.#hold(due);
    }
  }

  #hold(due: number): void {
    const levels = this.#settled(this.state.levels, due);
    if (levels !== this.state.levels) this.#moveTo(levels, due);
    else {
      const { lack } = this.#judged.meter;
      this.#blind({ status: 'no-data', reason: `${lack} for ${this.#judged.hold.noDataAfterSeconds ?? 0} s` }, due);
    }
  }

  #read({ memory, reading }: Step, at: number): void {
    if (memory !== this.state.memory) this.state = { ...this.state, memory };
    if (typeof reading === 'number') this.#value(reading, at);
    else if (reading) {
      this.state = { ...this.state, seenAt: at, missing: 0 };
      this.#blind(reading, at);
    }
  }

  #value(value: number, at: number): void {
    if (at === this.state.seenAt && value === this.state.value) return;
    if (isBlind(this.state.status)) this.#dataBack(at, value);
    const levels = this.#settled(this.#levelsWith(value, at), at);
    const status = this.state.status === 'gone' ? 'ok' : this.state.status;
    const usual = levels === this.state.levels && status === 'ok' && levels.every((level) => level.window === 0);
    const samples = usual ? none : [...this.state.samples.slice(1 - samplesKept), { at, value }];
    this.state = { ...this.state, status, seenAt: at, value, samples, missing: 0 };
    if (!usual) this.#moveTo(levels, at);
  }

  #dataBack(at: number, value: number): void {
    const { status, severity } = standing(this.state.levels);
    const isTold = !isPlain(this.state);
    this.state = { ...this.state, value, seenAt: at };
    if (isTold) this.#record('data-back', status, severity, at);
    else this.state = { ...this.state, status, severity, since: at };
    const { reason: _over, quiet: _known, ...rest } = this.state;
    this.state = rest;
  }

  #blind({ status, reason }: Blind, at: number): void {
    if (this.state.status === status) return;
    const levels = frozen(this.state.levels);
    if (status === 'learning' && this.state.status === 'pending') this.#record('lapsed', 'ok', null, at, reason);
    // That an object is only being got to know is not worth a word.
    const quiet = status === 'learning' && (isPlain(this.state) || this.state.status === 'gone');
    if (quiet) this.state = { ...this.state, status, severity: null, since: at };
    else this.#record(status, status, this.state.severity, at, reason);
    this.state = { ...this.state, levels, reason, quiet };
  }

  #levelsWith(value: number, at: number): LevelState[] {
    const { hold } = this.#judged;
    const levels = this.state.levels.map((level) => {
      const rule = hold.levels.find((candidate) => candidate.severity === level.severity);
      return rule ? levelWith(hold, rule, level, value, at) : level;
    });
    return levels.every((level, index) => level === this.state.levels[index]) ? this.state.levels : levels;
  }

  /** The levels after all that is due in this moment. */
  #settled(levels: LevelState[], at: number): LevelState[] {
    const { hold } = this.#judged;
    if (!levels.some((level) => levelDue(hold, level) <= at)) return levels;
    return levels.map((level) => {
      if (levelDue(hold, level) > at) return level;
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

  #record(type: TransitionType, status: Status, severity: Severity | null, moment: number, reason?: string): void {
    const before = this.state;
    const at = Math.max(moment, before.sequence > 0 ? before.since : moment);
    const sequence = before.sequence + 1;
    const why = whyOf(this.#judged, type, { ...before, severity: severity ?? before.severity }, at, reason);
    const { severity: previousSeverity, value } = before;
    this.transitions ??= [];
    this.transitions.push({ sequence, type, at, status, severity, previousSeverity, value, why });
    this.state = { ...before, status, severity, since: at, sequence };
  }
}

const none: ObjectState['samples'] = [];

/** The levels of what cannot be judged: what fires goes on, what is pending begins anew. */
function frozen(levels: LevelState[]): LevelState[] {
  if (!levels.some(({ since, clearSince, window }) => since !== null || clearSince !== null || window !== 0))
    return levels;
  return levels.map((level) => (level.firing ? { ...level, clearSince: null } : freshLevel(level)));
}

/** Nothing is wrong with it, as far as anybody was told. */
export function isPlain({ status, quiet }: ObjectState): boolean {
  return status === 'ok' || (status === 'learning' && quiet === true);
}

function levelWith(hold: Hold, level: RuleLevel, state: LevelState, value: number, at: number): LevelState {
  const { n, m } = hold.hits ?? { n: 1, m: 1 };
  const limit = state.firing ? (level.clear ?? level.threshold) : level.threshold;
  const window = ((state.window << 1) | (beyond(hold.compare, value, limit) ? 1 : 0)) & (2 ** m - 1);
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
