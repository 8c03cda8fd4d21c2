import { type Clock, systemClock } from '../calendar/clock.ts';
import { type ErrorRecord, toVirtflowError, VirtflowError } from '../model/errors.ts';
import type { HypervisorEvent } from '../model/event.ts';
import { Feed } from '../model/feed.ts';
import type { Sample } from '../model/reading.ts';
import type { ObjectRef } from '../model/reference.ts';
import { type Alert, type AlertState, alertOf, alertState } from './alert.ts';
import { isPlain } from './judge.ts';
import type { Status } from './memory.ts';
import type { Input } from './meter.ts';
import { type AlertSink, Outbox, type OutboxStore, type Written } from './outbox.ts';
import { judgedBy, type Rule } from './rule.ts';
import { type Change, type Held, RuleRuns, type Tracked } from './runs.ts';
import { type RuleInventory, Scopes } from './scopes.ts';
import { type ObjectState, resume } from './state.ts';
import { restored, type Subject, stored } from './tracked.ts';

export type { Alert, AlertState } from './alert.ts';

export interface RuleEngineOptions {
  readonly clock?: Clock;
  /** Whether an object exists; undefined when that is not known, for its connection is down. */
  readonly exists?: (object: ObjectRef) => boolean | undefined;
  /** What rules look for their targets in. */
  readonly inventory?: RuleInventory;
}

/** Where a rule is from: the file `rules.json`, or a node of a flow, which feeds it or has the house do so. */
export type RuleOrigin =
  | { readonly type: 'file' }
  | { readonly type: 'node'; readonly flow: string | null; readonly fedBy: 'flow' | 'house' };

export interface RunningRule {
  readonly rule: Rule;
  readonly from: RuleOrigin;
}

/** What the disk is behind with. */
interface Kept {
  readonly held: Held;
  readonly from: RuleOrigin;
  heartbeatAt: number;
  /** Objects of which more was learned than is on disk, and since when. */
  readonly behind: Map<Tracked, number>;
}

const tickMs = 1_000;
const existenceEveryMs = 10_000;
const heartbeatEveryMs = 10_000;
const memoryEveryMs = 10_000;
const heartbeatRoom = 'rule-heartbeats';

/**
 * Keeps the state of every object under every rule: on disk before a transition is told, and restored without one.
 * Adding a rule, changing it or taking it away tells nothing by itself. A transition is told until all have taken it;
 * one that comes again after a crash has the same id.
 */
export class RuleEngine {
  readonly alerts = new Feed<Alert>();
  /** What went wrong while time went by: the disk, or whoever takes alerts. It is tried again. */
  readonly problems = new Feed<ErrorRecord>();
  /** The id of a rule that was taken up, in another form too, or that was left. */
  readonly changes = new Feed<string>();
  readonly #store: OutboxStore;
  readonly #clock: Clock;
  readonly #exists: (object: ObjectRef) => boolean | undefined;
  readonly #runs = new RuleRuns((rule, object) => this.scopes.has(rule, object));
  readonly #kept = new Map<string, Kept>();
  readonly #outbox: Outbox;
  readonly scopes: Scopes;
  #existenceAt: number;
  #cancel: (() => void) | undefined;

  constructor(store: OutboxStore, options: RuleEngineOptions = {}) {
    this.#store = store;
    this.#clock = options.clock ?? systemClock;
    this.#exists = options.exists ?? (() => undefined);
    this.#existenceAt = this.#clock.monotonicMs();
    this.#outbox = new Outbox(store, (thrown) => this.#complain(thrown));
    this.scopes = new Scopes(options.inventory ?? nothing, (rule, object) => this.#withdraw(rule, object));
    const publish = (alerts: readonly Alert[]) => {
      for (const alert of alerts) this.alerts.publish(alert);
    };
    this.#outbox.add({ name: 'feed', take: publish });
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
        this.#complain(thrown);
      }
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const id of [...this.#kept.keys()]) this.remove(id);
  }

  /** Takes part in being told: an alert stays on disk until this one has it, too. The answer ends that. */
  addSink(sink: AlertSink): () => void {
    return this.#outbox.add(sink);
  }

  /** Takes a rule up, in place of one of the same id, where it was left. @throws RULE_INVALID */
  add(value: Rule, from: RuleOrigin = { type: 'node', flow: null, fedBy: 'flow' }): void {
    const judged = judgedBy(value);
    const { id } = judged.rule;
    this.remove(id);
    const now = this.#clock.now();
    const heartbeat = this.#store.states.get(heartbeatRoom, id);
    const downMs = typeof heartbeat === 'number' ? Math.max(0, now - heartbeat) : 0;
    // From now on it is known on disk that there is such a rule.
    if (heartbeat === undefined) this.#store.states.put(heartbeatRoom, id, now);
    const known = this.#store.states.list(roomOf(id)).flatMap(({ key, value: row }) => {
      const found = restored(key, row);
      return found ? [{ subject: found.subject, state: resume(judged, found.state, downMs, now) }] : [];
    });
    this.#kept.set(id, { held: this.#runs.add(judged, known), from, heartbeatAt: now, behind: new Map() });
    this.scopes.follow(judged.rule);
    this.changes.publish(id);
    this.#outbox.resume(id, now);
  }

  /** Leaves a rule for now, for a deploy or a stop of the process: its states stay. */
  remove(id: string): void {
    const kept = this.#kept.get(id);
    if (!kept) return;
    this.#store.transaction(() => {
      for (const { subject, state } of kept.behind.keys()) this.#put(id, subject, state);
      this.#store.states.put(heartbeatRoom, id, this.#clock.now());
    });
    this.#kept.delete(id);
    this.scopes.forget(id);
    this.#runs.remove(id);
    this.changes.publish(id);
  }

  /** Gives a rule up for good, or until it is enabled again: its states go, and its alerts are withdrawn. */
  forget(id: string): void {
    this.#outbox.forget(id);
    this.#kept.delete(id);
    this.scopes.forget(id);
    this.#runs.remove(id, true);
    this.#store.transaction(() => {
      for (const { key } of this.#store.states.list(roomOf(id))) this.#store.states.delete(roomOf(id), key);
      this.#store.states.delete(heartbeatRoom, id);
    });
    this.changes.publish(id);
  }

  /** Gives up what nobody has taken up again: rules that were taken away while virtflow did not run. */
  forgetOthers(): void {
    for (const { key } of this.#store.states.list(heartbeatRoom)) if (!this.#kept.has(key)) this.forget(key);
  }

  /** Judges samples under one rule; those of another measurement or without the field are passed over. */
  observe(id: string, samples: readonly Sample[]): void {
    this.observeUnder([id], samples);
  }

  /** The same under several rules: what comes of it is on disk as one. */
  observeUnder(ids: readonly string[], samples: readonly Sample[]): void {
    const all = ids.map((id) => this.#get(id).held);
    this.#keeping((now) => {
      for (const held of all) for (const sample of samples) this.#runs.sample(held, sample, now);
    });
  }

  /** Judges figures that came in a message, by the names that the rule has for them. `at` is now when not given. */
  observeFields(
    id: string,
    subject: { readonly key: string; readonly name: string },
    fields: Readonly<Record<string, number>>,
    at = this.#clock.now(),
  ): void {
    this.tell(id, { ...subject, object: null, tags: {} }, { type: 'sample', at, fields });
  }

  /** Judges what happened to an object, under a rule that counts events or judges states; others pass it over. */
  event(id: string, event: HypervisorEvent): void {
    const { held } = this.#get(id);
    this.#keeping((now) => this.#runs.event(held, event, now));
  }

  /** Judges whatever else came in about a subject: an event, a state, or that nothing can be said of it. */
  tell(id: string, subject: Subject, input: Input): void {
    const { held } = this.#get(id);
    const { meter } = held.judged;
    if (!held.tracked.has(subject.key) && input.type === 'sample' && meter.take(null, input).reading === undefined)
      return;
    this.#keeping((now) => this.#runs.tell(held, subject, input, now));
  }

  /** Does what has become due; `start` sees to it that this is called. */
  tick(): void {
    const lookForMissing = this.#clock.monotonicMs() - this.#existenceAt >= existenceEveryMs;
    if (lookForMissing) this.#existenceAt = this.#clock.monotonicMs();
    this.#keeping((now) => {
      this.#runs.pass(now);
      if (lookForMissing) this.#lookForMissing(now);
    });
    const now = this.#clock.now();
    this.#catchUp(now);
    this.#outbox.retry(now);
  }

  /** How every known object stands, under one rule or all. */
  list(id?: string): readonly AlertState[] {
    const all = id === undefined ? [...this.#kept.values()] : [this.#get(id)];
    return all.flatMap(({ held }) => [...held.tracked.values()].map((tracked) => alertState(held, tracked)));
  }

  /** How many objects stand how under a rule. */
  counts(id: string): Readonly<Partial<Record<Status, number>>> {
    const counts: Partial<Record<Status, number>> = {};
    for (const { state } of this.#get(id).held.tracked.values()) counts[state.status] = (counts[state.status] ?? 0) + 1;
    return counts;
  }

  has(id: string): boolean {
    return this.#kept.has(id);
  }

  /** The moment that it judges by, milliseconds since the epoch. */
  now(): number {
    return this.#clock.now();
  }

  /** The rules that run. */
  rules(): readonly RunningRule[] {
    return [...this.#kept.values()].map(({ held, from }) => ({ rule: held.judged.rule, from }));
  }

  /** Asked while time goes by, so what goes wrong is told like the rest of that. */
  #withdraw(id: string, object: ObjectRef): void {
    const held = this.#kept.get(id)?.held;
    if (!held) return;
    try {
      this.#keeping((now) => this.#runs.withdraw(held, object, now));
    } catch (thrown) {
      this.#complain(thrown);
    }
  }

  #complain(thrown: unknown): void {
    this.problems.publish(toVirtflowError(thrown).toJSON());
  }

  #lookForMissing(now: number): void {
    for (const { held } of this.#kept.values()) {
      for (const tracked of [...held.tracked.values()]) {
        const { object } = tracked.subject;
        if (object && this.#exists(object) === false) this.#runs.miss(held, tracked, now);
      }
    }
  }

  /** Judges, puts what changed and what is to be told on disk as one, and tells it. Or nothing has happened. */
  #keeping(work: (now: number) => void): void {
    const now = this.#clock.now();
    work(now);
    const changes = this.#runs.takeChanges();
    const alerts: Written[] = [];
    try {
      if (changes.some(mustBeKept)) this.#store.transaction(() => this.#write(changes, alerts));
    } catch (thrown) {
      this.#runs.revert(changes);
      throw thrown;
    }
    for (const change of changes) this.#noteBehind(change, now);
    if (alerts.length === 0) return;
    this.#outbox.tell(alerts, now);
    this.#outbox.strike();
  }

  #write(changes: readonly Change[], alerts: Written[]): void {
    for (const change of changes) {
      const { held, tracked, after, transitions } = change;
      const { id } = held.judged.rule;
      if (after.status === 'gone') this.#store.states.delete(roomOf(id), tracked.subject.key);
      else if (mustBeKept(change)) this.#put(id, tracked.subject, after);
      for (const transition of transitions) alerts.push(this.#outbox.write(alertOf(held, tracked.subject, transition)));
    }
  }

  #put(id: string, subject: Subject, state: ObjectState): void {
    this.#store.states.put(roomOf(id), subject.key, stored(subject, state));
  }

  #noteBehind(change: Change, now: number): void {
    const { held, tracked, before, after } = change;
    const behind = this.#kept.get(held.judged.rule.id)?.behind;
    if (!behind) return;
    if (after.status === 'gone' || mustBeKept(change)) behind.delete(tracked);
    else if (before.memory !== after.memory && !behind.has(tracked)) behind.set(tracked, now);
  }

  /** What something is wrong with is kept up to date on disk, so that little of its series is lost in a crash. */
  #catchUp(now: number): void {
    const late = [...this.#kept.values()].flatMap((kept) => lateIn(kept, now));
    const beats = [...this.#kept.values()].filter(
      (kept) => now - kept.heartbeatAt >= heartbeatEveryMs && hasHoldTime(kept.held),
    );
    if (late.length === 0 && beats.length === 0) return;
    this.#store.transaction(() => {
      for (const { kept, tracked } of late) this.#put(kept.held.judged.rule.id, tracked.subject, tracked.state);
      for (const { held } of beats) this.#store.states.put(heartbeatRoom, held.judged.rule.id, now);
    });
    for (const { kept, tracked } of late) kept.behind.delete(tracked);
    for (const kept of beats) kept.heartbeatAt = now;
  }

  #get(id: string): Kept {
    const kept = this.#kept.get(id);
    if (kept) return kept;
    throw new VirtflowError('RULE_INVALID', { reason: `the rule ${id} is not known` });
  }
}

const nothing: RuleInventory = { changes: new Feed(), get: () => undefined, list: () => [] };

function roomOf(id: string): string {
  return `rule:${id}`;
}

/** Time and value of the last reading alone are not worth a write to disk, nor that an object is being got to know. */
function mustBeKept({ held, before, after, transitions }: Change): boolean {
  if (transitions.length > 0 || after.status === 'gone') return true;
  if (held.judged.meter.isWorthKeeping(before.memory ?? null, after.memory ?? null)) return true;
  return before.levels !== after.levels || (before.status !== after.status && !(isPlain(before) && isPlain(after)));
}

function lateIn(kept: Kept, now: number): { kept: Kept; tracked: Tracked }[] {
  return [...kept.behind].flatMap(([tracked, since]) =>
    !isPlain(tracked.state) && now - since >= memoryEveryMs ? [{ kept, tracked }] : [],
  );
}

/** Whether the time of a stop would have to be known, to go on with a hold time after it. */
function hasHoldTime({ tracked }: Held): boolean {
  for (const { state } of tracked.values()) {
    if (state.memory?.kind === 'stopwatch' && state.memory.since !== null) return true;
    if (state.levels.some((level) => level.clearSince !== null || (!level.firing && level.since !== null))) return true;
  }
  return false;
}
