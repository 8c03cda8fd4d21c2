import { type Clock, systemClock } from '../calendar/clock.ts';
import { type ErrorRecord, toVirtflowError, VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import type { Sample } from '../model/reading.ts';
import type { ObjectRef } from '../model/reference.ts';
import type { States } from '../store/store.ts';
import { measure, parseRule, type Severity, type ThresholdRule } from './rule.ts';
import { initialState, type ObjectState, resume, type Status } from './state.ts';
import { evaluate, nextDue, type Observation, type Transition } from './threshold.ts';
import { keyOf, restored, type Subject, stored, subjectOf } from './tracked.ts';

/** A transition of one object under one rule; each is told once, after it is on disk. */
export interface Alert extends Subject, Transition {
  readonly rule: string;
  readonly ruleName: string;
}

/** How an object stands under a rule now. */
export interface AlertState extends Subject {
  readonly rule: string;
  readonly ruleName: string;
  readonly status: Status;
  readonly severity: Severity | null;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly value: number | null;
  readonly seenAt: number | null;
}

export interface RuleEngineOptions {
  readonly clock?: Clock;
  /** Whether an object exists; undefined when that is not known, for its connection is down. */
  readonly exists?: (object: ObjectRef) => boolean | undefined;
}

interface Tracked {
  subject: Subject;
  state: ObjectState;
  due: number;
}

interface Held {
  readonly rule: ThresholdRule;
  readonly room: string;
  readonly tracked: Map<string, Tracked>;
  heartbeatAt: number;
}

const tickMs = 1_000;
const existenceEveryMs = 10_000;
const heartbeatEveryMs = 10_000;
const heartbeatRoom = 'rule-heartbeats';

/**
 * Keeps the state of every object under every rule: on disk before a transition is told, and restored without one.
 * Adding a rule, changing it or taking it away tells nothing by itself.
 */
export class RuleEngine {
  readonly alerts = new Feed<Alert>();
  /** What went wrong while time went by: the disk. It is tried again each second. */
  readonly problems = new Feed<ErrorRecord>();
  readonly #states: States;
  readonly #clock: Clock;
  readonly #exists: (object: ObjectRef) => boolean | undefined;
  readonly #held = new Map<string, Held>();
  #existenceAt: number;
  #cancel: (() => void) | undefined;

  constructor(states: States, options: RuleEngineOptions = {}) {
    this.#states = states;
    this.#clock = options.clock ?? systemClock;
    this.#exists = options.exists ?? (() => undefined);
    this.#existenceAt = this.#clock.monotonicMs();
  }

  /** Lets time go by each second, for hold times, missing data and vanished objects. */
  start(): void {
    if (this.#cancel) return;
    this.#cancel = this.#clock.after(tickMs, () => {
      this.#cancel = undefined;
      this.start();
      try {
        this.tick();
      } catch (thrown) {
        this.problems.publish(toVirtflowError(thrown).toJSON());
      }
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const id of [...this.#held.keys()]) this.remove(id);
  }

  /** Takes a rule up, in place of one of the same id, where it was left. @throws RULE_INVALID */
  add(value: ThresholdRule): void {
    const rule = parseRule(value);
    this.remove(rule.id);
    const room = roomOf(rule.id);
    const now = this.#clock.now();
    const heartbeat = this.#states.get(heartbeatRoom, rule.id);
    const downMs = typeof heartbeat === 'number' ? Math.max(0, now - heartbeat) : 0;
    const held: Held = { rule, room, tracked: new Map(), heartbeatAt: now };
    for (const { key, value } of this.#states.list(room)) {
      const found = restored(key, value);
      if (!found) continue;
      const state = resume(rule, found.state, downMs, now);
      held.tracked.set(key, { subject: found.subject, state, due: nextDue(rule, state) });
    }
    this.#held.set(rule.id, held);
  }

  /** Leaves a rule for now, for a deploy or a stop of the process: its states stay. */
  remove(id: string): void {
    const held = this.#held.get(id);
    if (!held) return;
    this.#heartbeat(held, this.#clock.now());
    this.#held.delete(id);
  }

  /** Gives a rule up for good, or until it is enabled again: its states go, and nothing is told. */
  forget(id: string): void {
    this.#held.delete(id);
    const room = roomOf(id);
    for (const { key } of this.#states.list(room)) this.#states.delete(room, key);
    this.#states.delete(heartbeatRoom, id);
  }

  /** Judges samples under one rule; those of another measurement or without the field are passed over. */
  observe(id: string, samples: readonly Sample[]): void {
    const held = this.#get(id);
    for (const sample of samples) {
      if (held.rule.measurement !== undefined && held.rule.measurement !== sample.measurement) continue;
      const value = measure(held.rule, sample.fields);
      if (value === undefined) continue;
      const tracked = this.#track(held, keyOf(sample), () => subjectOf(sample));
      if (tracked.subject.tags !== sample.tags) tracked.subject = subjectOf(sample);
      this.#evaluate(held, tracked, { type: 'sample', at: sample.at, value });
    }
  }

  /** Judges figures that came in a message, by the names that the rule has for them. `at` is now when not given. */
  observeFields(
    id: string,
    subject: { readonly key: string; readonly name: string },
    fields: Readonly<Record<string, number>>,
    at = this.#clock.now(),
  ): void {
    const held = this.#get(id);
    const value = measure(held.rule, fields);
    if (value === undefined) return;
    const tracked = this.#track(held, subject.key, () => ({ ...subject, object: null, tags: {} }));
    this.#evaluate(held, tracked, { type: 'sample', at, value });
  }

  /** Does what has become due; `start` sees to it that this is called. */
  tick(): void {
    const now = this.#clock.now();
    const lookForMissing = this.#clock.monotonicMs() - this.#existenceAt >= existenceEveryMs;
    if (lookForMissing) this.#existenceAt = this.#clock.monotonicMs();
    for (const held of this.#held.values()) {
      for (const tracked of [...held.tracked.values()]) this.#letPass(held, tracked, now, lookForMissing);
      if (now - held.heartbeatAt >= heartbeatEveryMs && hasHoldTime(held)) this.#heartbeat(held, now);
    }
  }

  /** How every known object stands, under one rule or all. */
  list(id?: string): readonly AlertState[] {
    const held = id === undefined ? [...this.#held.values()] : [this.#get(id)];
    return held.flatMap(({ rule, tracked }) => [...tracked.values()].map((entry) => alertState(rule, entry)));
  }

  #letPass(held: Held, tracked: Tracked, now: number, lookForMissing: boolean): void {
    const { object } = tracked.subject;
    if (lookForMissing && object && this.#exists(object) === false) {
      this.#evaluate(held, tracked, { type: 'missing' });
    } else if (tracked.due < now || (tracked.state.seenAt ?? 0) > now) {
      this.#evaluate(held, tracked, { type: 'nothing' });
    }
  }

  #evaluate(held: Held, tracked: Tracked, observation: Observation): void {
    const before = tracked.state;
    const { state, transitions } = evaluate(held.rule, before, observation, this.#clock.now());
    const { key } = tracked.subject;
    if (state.status === 'gone') {
      this.#states.delete(held.room, key);
      held.tracked.delete(key);
    } else if (mustBeKept(before, state)) this.#states.put(held.room, key, stored(tracked.subject, state));
    tracked.state = state;
    tracked.due = nextDue(held.rule, state);
    for (const transition of transitions) this.#tell(held.rule, tracked.subject, transition);
  }

  #tell(rule: ThresholdRule, subject: Subject, transition: Transition): void {
    this.alerts.publish({ rule: rule.id, ruleName: rule.name, ...subject, ...transition });
  }

  #track(held: Held, key: string, subject: () => Subject): Tracked {
    const known = held.tracked.get(key);
    if (known) return known;
    const tracked = { subject: subject(), state: initialState(held.rule, this.#clock.now()), due: Infinity };
    held.tracked.set(key, tracked);
    return tracked;
  }

  #heartbeat(held: Held, now: number): void {
    held.heartbeatAt = now;
    this.#states.put(heartbeatRoom, held.rule.id, now);
  }

  #get(id: string): Held {
    const held = this.#held.get(id);
    if (held) return held;
    throw new VirtflowError('RULE_INVALID', { reason: `the rule ${id} is not known` });
  }
}

function roomOf(id: string): string {
  return `rule:${id}`;
}

/** Time and value of the last sample alone are not worth a write to disk. */
function mustBeKept(before: ObjectState, after: ObjectState): boolean {
  return before.levels !== after.levels || before.status !== after.status || before.sequence !== after.sequence;
}

/** Whether the time of a stop would have to be known, to go on with a hold time after it. */
function hasHoldTime({ tracked }: Held): boolean {
  for (const { state } of tracked.values()) {
    if (state.levels.some((level) => level.clearSince !== null || (!level.firing && level.since !== null))) return true;
  }
  return false;
}

function alertState(rule: ThresholdRule, { subject, state }: Tracked): AlertState {
  const { status, severity, since, value, seenAt } = state;
  return { rule: rule.id, ruleName: rule.name, ...subject, status, severity, since, value, seenAt };
}
