import type { HypervisorEvent } from '../model/event.ts';
import type { Sample } from '../model/reading.ts';
import { formatRef, type ObjectRef } from '../model/reference.ts';
import { judge, nextDue, type Transition } from './judge.ts';
import { membersIn } from './kinds/composite.ts';
import { isCounted } from './kinds/event-count.ts';
import { severities } from './levels.ts';
import type { MemberStanding } from './memory.ts';
import type { Input } from './meter.ts';
import type { Judged } from './rule.ts';
import { initialState, type ObjectState } from './state.ts';
import { everything, powerAfter, type Subject, subjectOf, subjectOfObject } from './tracked.ts';

/** An object under a rule. */
export interface Tracked {
  subject: Subject;
  state: ObjectState;
  /** When it has something to do though nothing comes in. */
  due: number;
}

export interface Held {
  readonly judged: Judged;
  readonly tracked: Map<string, Tracked>;
  /** The same by object, whose parts may be tracked apart; made when it is first asked for, which few rules need. */
  byObject?: Map<string, Set<Tracked>>;
}

/** An object that was judged, as it was and what came of it. */
export interface Change {
  readonly held: Held;
  readonly tracked: Tracked;
  readonly before: ObjectState;
  readonly after: ObjectState;
  readonly transitions: readonly Transition[];
}

/** Comes after a moment and before anything else that is told in milliseconds. */
const justAfter = 0.001;

/**
 * All objects under all rules, in memory alone, judged in the order of time; whoever uses it keeps what changes. The
 * engine does so live and the backtest over the past.
 */
export class RuleRuns {
  /** Whether a rule that names targets counts for an object. */
  readonly #isTarget: (rule: string, object: ObjectRef | null) => boolean;
  readonly #held = new Map<string, Held>();
  readonly #composites = new Map<string, Set<string>>();
  readonly #forgotten = new Set<string>();
  #changes: Change[] = [];
  /** Nothing is due before. */
  #earliest = Number.POSITIVE_INFINITY;

  constructor(isTarget: (rule: string, object: ObjectRef | null) => boolean = () => true) {
    this.#isTarget = isTarget;
  }

  add(judged: Judged, known: readonly { readonly subject: Subject; readonly state: ObjectState }[] = []): Held {
    const { rule } = judged;
    this.remove(rule.id);
    this.#forgotten.delete(rule.id);
    const held: Held = { judged, tracked: new Map() };
    this.#held.set(rule.id, held);
    for (const { subject, state } of known) this.#enter(held, { subject, state, due: nextDue(judged, state) });
    if (rule.kind === 'composite') {
      for (const member of membersIn(rule.condition)) setOf(this.#composites, member).add(rule.id);
    }
    return held;
  }

  remove(id: string, isForGood = false): void {
    this.#held.delete(id);
    for (const composites of this.#composites.values()) composites.delete(id);
    if (isForGood) this.#forgotten.add(id);
  }

  get(id: string): Held | undefined {
    return this.#held.get(id);
  }

  all(): readonly Held[] {
    return [...this.#held.values()];
  }

  get hasChanges(): boolean {
    return this.#changes.length > 0;
  }

  /** What has been judged since it was last asked for, in order. */
  takeChanges(): readonly Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** Puts back what could not be kept. */
  revert(changes: readonly Change[]): void {
    for (const { held, tracked, before } of changes.toReversed()) {
      tracked.state = before;
      tracked.due = nextDue(held.judged, before);
      this.#enter(held, tracked);
    }
  }

  /** Samples of another measurement are passed over, and what a sample has no figure for. */
  sample(held: Held, sample: Sample, now: number): void {
    const { rule } = held.judged;
    if ('measurement' in rule && rule.measurement !== undefined && rule.measurement !== sample.measurement) return;
    const subject = subjectOf(sample);
    const known = held.tracked.get(subject.key);
    if (rule.targets && !this.#isTarget(rule.id, subject.object)) return;
    const input: Input = { type: 'sample', at: sample.at, fields: sample.fields };
    if (!known && held.judged.meter.take(null, input).reading === undefined) return;
    const tracked = known ?? this.#track(held, subject, now);
    tracked.subject = subject;
    this.#advance(Math.min(sample.at, now), now);
    this.#judge(held, tracked, input, now);
  }

  /** An event, for a rule that counts it or judges the state that comes of it; others pass it over. */
  event(held: Held, event: HypervisorEvent, now: number): void {
    const { rule } = held.judged;
    const { at, type, reason, name, object } = event;
    if (rule.kind === 'event-count') {
      if (!isCounted(rule, type, reason)) return;
      if (rule.targets && !this.#isTarget(rule.id, object)) return;
      const subject = rule.over === 'all' ? everything : subjectOfObject(object, name);
      this.#tell(held, subject, { type: 'event', at, event: type, reason }, now);
    } else if (rule.kind === 'state') {
      const state = powerAfter(type);
      if (state !== undefined) this.tell(held, subjectOfObject(object, name), { type: 'state', at, state }, now);
    }
  }

  /** Anything else that comes in about a subject. */
  tell(held: Held, subject: Subject, input: Input, now: number): void {
    const { rule } = held.judged;
    if (!rule.targets || this.#isTarget(rule.id, subject.object)) this.#tell(held, subject, input, now);
  }

  #tell(held: Held, subject: Subject, input: Input, now: number): void {
    this.#advance('at' in input ? Math.min(input.at, now) : now, now);
    this.#judge(held, held.tracked.get(subject.key) ?? this.#track(held, subject, now), input, now);
  }

  /** One that does not exist. */
  miss(held: Held, tracked: Tracked, now: number): void {
    this.#judge(held, tracked, { type: 'missing' }, now);
  }

  /** One, with all of its parts, that the rule does not count for. */
  withdraw(held: Held, object: ObjectRef, now: number): void {
    const all = [...(byObject(held).get(formatRef(object)) ?? [])];
    for (const tracked of all) this.#move(held, tracked, { type: 'withdrawn' }, now);
    const [one] = all;
    if (one) this.#tellComposites(held, one, now, now, true);
  }

  /** Lets time go by, for all. */
  pass(now: number): void {
    this.#advance(now, now);
    for (const held of this.#held.values()) {
      for (const tracked of held.tracked.values()) {
        if ((tracked.state.seenAt ?? 0) > now) this.#judge(held, tracked, { type: 'nothing' }, now);
      }
    }
  }

  /** Does what is due before a moment, the earliest first, for what one rule says may be a member of another. */
  #advance(until: number, now: number): void {
    while (this.#earliest < until) {
      for (const { held, tracked, due } of this.#dueBefore(until)) {
        // What was judged may have something to do before the next of these.
        if (this.#earliest < due) break;
        if (tracked.due === due) this.#judge(held, tracked, { type: 'nothing' }, Math.min(due + justAfter, now));
      }
    }
  }

  #dueBefore(until: number): { held: Held; tracked: Tracked; due: number }[] {
    const found = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const held of this.#held.values()) {
      for (const tracked of held.tracked.values()) {
        const { due } = tracked;
        if (due < until) found.push({ held, tracked, due });
        else if (due < this.#earliest) this.#earliest = due;
      }
    }
    return found.sort((a, b) => a.due - b.due);
  }

  #judge(held: Held, tracked: Tracked, input: Input, now: number): void {
    const before = tracked.state;
    const transitions = this.#move(held, tracked, input, now);
    const { state } = tracked;
    if (before.status === state.status && before.severity === state.severity && before.seenAt !== null) return;
    this.#tellComposites(held, tracked, transitions.at(-1)?.at ?? ('at' in input ? input.at : now), now);
  }

  #move(held: Held, tracked: Tracked, input: Input, now: number): readonly Transition[] {
    const before = tracked.state;
    const { state, transitions } = judge(held.judged, before, input, now);
    tracked.state = state;
    tracked.due = nextDue(held.judged, state);
    if (tracked.due < this.#earliest) this.#earliest = tracked.due;
    if (state.status === 'gone') this.#leave(held, tracked);
    if (mayMatter(before, state)) this.#changes.push({ held, tracked, before, after: state, transitions });
    return transitions;
  }

  #tellComposites(member: Held, { subject, state }: Tracked, at: number, now: number, isWithdrawn = false): void {
    for (const id of this.#composites.get(member.judged.rule.id) ?? []) {
      const held = this.#held.get(id);
      const rule = held?.judged.rule;
      if (!held || rule?.kind !== 'composite') continue;
      const isOne = rule.over === 'object';
      const own = isOne ? joined(subject) : everything;
      if (isOne && state.status === 'gone') {
        // The composite finds out by itself that the object is gone: to say that a member no longer fires would resolve it.
        if (!isWithdrawn) continue;
        const known = held.tracked.get(own.key);
        if (known) this.#judge(held, known, { type: 'withdrawn' }, now);
      }
      if (isOne && rule.targets && !this.#isTarget(rule.id, own.object)) continue;
      const members: Record<string, MemberStanding> = {};
      for (const one of membersIn(rule.condition)) members[one] = this.#standingOf(one, isOne ? own.key : undefined);
      const tracked = held.tracked.get(own.key) ?? this.#track(held, own, now);
      const seenAt = tracked.state.seenAt ?? at;
      this.#judge(held, tracked, { type: 'members', at: Math.max(at, seenAt), members }, Math.max(now, at));
    }
  }

  #standingOf(id: string, key: string | undefined): MemberStanding {
    const held = this.#held.get(id);
    if (!held) return { status: this.#forgotten.has(id) ? 'unknown' : 'unseen', severity: null };
    const found = key === undefined ? held.tracked.values() : (byObject(held).get(key) ?? []);
    let worst: MemberStanding | undefined;
    for (const { state } of found) if (!worst || rankOf(state) > rankOf(worst)) worst = state;
    if (worst) return { status: worst.status, severity: worst.severity };
    const { kind } = held.judged.rule;
    return { status: kind === 'event-count' || kind === 'state' ? 'ok' : 'unseen', severity: null };
  }

  #track(held: Held, subject: Subject, now: number): Tracked {
    const tracked = { subject, state: initialState(held.judged, now), due: Number.POSITIVE_INFINITY };
    this.#enter(held, tracked);
    return tracked;
  }

  #enter(held: Held, tracked: Tracked): void {
    held.tracked.set(tracked.subject.key, tracked);
    if (held.byObject) setOf(held.byObject, joined(tracked.subject).key).add(tracked);
    if (tracked.due < this.#earliest) this.#earliest = tracked.due;
  }

  #leave(held: Held, tracked: Tracked): void {
    held.tracked.delete(tracked.subject.key);
    const { key } = joined(tracked.subject);
    const others = held.byObject?.get(key);
    others?.delete(tracked);
    if (others?.size === 0) held.byObject?.delete(key);
  }
}

/** The last reading alone is not worth a word to anybody. */
function mayMatter(before: ObjectState, after: ObjectState): boolean {
  return (
    before.levels !== after.levels ||
    before.status !== after.status ||
    before.memory !== after.memory ||
    before.sequence !== after.sequence
  );
}

function byObject(held: Held): Map<string, Set<Tracked>> {
  if (held.byObject) return held.byObject;
  const made = new Map<string, Set<Tracked>>();
  for (const tracked of held.tracked.values()) setOf(made, joined(tracked.subject).key).add(tracked);
  held.byObject = made;
  return made;
}

/** The whole object, where a part of it is tracked. */
function joined(subject: Subject): Subject {
  const { object, tags } = subject;
  if (!object) return subject;
  return { key: formatRef(object), name: tags.name ?? subject.name, object, tags };
}

function rankOf({ status, severity }: Pick<MemberStanding, 'status' | 'severity'>): number {
  if (status === 'firing') return 10 + severities.indexOf(severity ?? 'info');
  return ['gone', 'ok', 'pending', 'learning', 'no-data', 'error'].indexOf(status);
}

function setOf<T>(sets: Map<string, Set<T>>, key: string): Set<T> {
  const known = sets.get(key);
  if (known) return known;
  const made = new Set<T>();
  sets.set(key, made);
  return made;
}
