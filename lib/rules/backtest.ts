import type { HypervisorEvent } from '../model/event.ts';
import type { Measurement, Sample } from '../model/reading.ts';
import type { ObjectRef } from '../model/reference.ts';
import { type Alert, alertOf } from './alert.ts';
import { membersIn } from './kinds/composite.ts';
import { type Severity, severities } from './levels.ts';
import { judgedBy, type Rule } from './rule.ts';
import { type Held, RuleRuns } from './runs.ts';

/** Something that was recorded. */
export type Recorded = { readonly sample: Sample } | { readonly event: HypervisorEvent };

export interface Range {
  /** Milliseconds since the epoch; `to` is not part of it. */
  readonly from: number;
  readonly to: number;
}

/** What of the past a rule has to see. */
export interface HistoryRequest extends Range {
  /** Of which measurement which fields; no samples when there is none. */
  readonly wanted: readonly { readonly measurement: Measurement; readonly fields: readonly string[] }[];
  readonly signal?: AbortSignal;
}

/** The past, wherever it is kept: batches in the order of time. */
export interface HistorySource {
  read(request: HistoryRequest): AsyncIterable<readonly Recorded[]>;
}

/** A time that a rule fired for an object; `until` is null when it did so at the end of the past that was looked at. */
export interface Firing {
  readonly key: string;
  readonly name: string;
  readonly object: ObjectRef | null;
  readonly since: number;
  readonly until: number | null;
  /** The highest that it came to. */
  readonly severity: Severity;
  readonly ended: 'resolved' | 'gone' | null;
  readonly says: string;
}

export interface Backtest {
  readonly range: Range;
  readonly rule: string;
  readonly samples: number;
  readonly objects: number;
  readonly tookMs: number;
  readonly firings: readonly Firing[];
  readonly transitions: readonly Alert[];
  /** How many objects could not be judged for want of history at the end. */
  readonly learning: number;
}

export interface BacktestRequest extends Range {
  readonly rule: Rule;
  /** The rules that a composite stands on. */
  readonly members?: readonly Rule[];
  readonly signal?: AbortSignal;
}

/**
 * Judges the past by a rule, with the code that judges the present. What lies before the range, as far as the rule needs
 * it, is looked at too, and not told. @throws RULE_INVALID
 */
export async function backtest(source: HistorySource, request: BacktestRequest): Promise<Backtest> {
  const { rule, from, to, signal } = request;
  const began = performance.now();
  const replay = new Replay(rule, request.members ?? []);
  const past = Math.max(...replay.rules.map(pastMs));
  const wanted = replay.rules.flatMap(wantedBy);
  const asked = { from: from - past, to, wanted, ...(signal && { signal }) };
  for await (const batch of source.read(asked)) {
    signal?.throwIfAborted();
    replay.take(batch, to);
  }
  replay.end(to);
  const transitions = replay.alerts.filter((alert) => alert.rule === rule.id && alert.at >= from);
  const own = replay.held(rule.id);
  return {
    range: { from, to },
    rule: rule.id,
    samples: replay.samples,
    objects: own.length,
    tookMs: performance.now() - began,
    firings: firingsOf(
      replay.alerts.filter((alert) => alert.rule === rule.id),
      from,
    ),
    transitions,
    learning: own.filter((status) => status === 'learning').length,
  };
}

/** Some rules over recorded things, in memory. */
class Replay {
  readonly alerts: Alert[] = [];
  readonly rules: readonly Rule[];
  samples = 0;
  readonly #runs = new RuleRuns();
  readonly #held: readonly Held[];

  constructor(rule: Rule, members: readonly Rule[]) {
    this.rules = [...neededBy(rule, members), rule];
    this.#held = this.rules.map((one) => this.#runs.add(judgedBy(one)));
  }

  take(batch: readonly Recorded[], now: number): void {
    for (const recorded of batch) {
      if ('sample' in recorded) this.#sample(recorded.sample, now);
      else this.#event(recorded.event);
    }
  }

  end(now: number): void {
    this.#runs.pass(now);
    this.#collect();
  }

  held(id: string): readonly string[] {
    return [...(this.#runs.get(id)?.tracked.values() ?? [])].map(({ state }) => state.status);
  }

  #sample(sample: Sample, now: number): void {
    this.samples += 1;
    for (const held of this.#held) this.#runs.sample(held, sample, Math.min(now, sample.at));
    this.#collect();
  }

  #event(event: HypervisorEvent): void {
    for (const held of this.#held) this.#runs.event(held, event, event.at);
    this.#collect();
  }

  #collect(): void {
    if (!this.#runs.hasChanges) return;
    for (const { held, tracked, transitions } of this.#runs.takeChanges()) {
      for (const transition of transitions) this.alerts.push(alertOf(held, tracked.subject, transition));
    }
  }
}

function firingsOf(alerts: readonly Alert[], from: number): Firing[] {
  const open = new Map<string, Firing>();
  const done: Firing[] = [];
  for (const { key, name, object, type, at, severity, why } of alerts) {
    const firing = open.get(key);
    if (type === 'firing' && severity) {
      open.set(key, { key, name, object, since: at, until: null, severity, ended: null, says: why.says });
    } else if (firing && type === 'severity-changed' && severity) {
      open.set(key, { ...firing, severity: higher(firing.severity, severity) });
    } else if (firing && (type === 'resolved' || type === 'gone')) {
      open.delete(key);
      done.push({ ...firing, until: at, ended: type });
    }
  }
  return [...done, ...open.values()]
    .filter(({ until }) => until === null || until >= from)
    .sort((a, b) => a.since - b.since || (a.key < b.key ? -1 : 1));
}

function higher(one: Severity, other: Severity): Severity {
  return severities.indexOf(one) > severities.indexOf(other) ? one : other;
}

/** The members of a composite and theirs, the deepest first. */
function neededBy(rule: Rule, others: readonly Rule[], above: readonly string[] = []): readonly Rule[] {
  if (rule.kind !== 'composite') return [];
  const found = membersIn(rule.condition).flatMap((id) => {
    const member = others.find((one) => one.id === id);
    return member && !above.includes(id) ? [...neededBy(member, others, [...above, id]), member] : [];
  });
  return [...new Set(found)];
}

function wantedBy(rule: Rule): HistoryRequest['wanted'] {
  if (!('measurement' in rule) || rule.measurement === undefined) return [];
  const { field, of } = rule.value ?? {};
  return [{ measurement: rule.measurement, fields: [field, of].filter((name) => name !== undefined) }];
}

/** How much of a past a rule has to have seen before it judges as it would have. */
function pastMs(rule: Rule): number {
  const hold = ((rule.forSeconds ?? 0) + (rule.keepFiringForSeconds ?? 0)) * 1000;
  switch (rule.kind) {
    case 'rate':
      return hold + rule.overSeconds * 2000;
    case 'event-count':
      return hold + rule.windowSeconds * 1000;
    case 'forecast':
      return hold + rule.pastSeconds * 1000;
    case 'anomaly':
      return hold + (rule.weeks ?? 4) * 7 * 86_400_000;
    case 'absence':
    case 'state':
      return hold + Math.max(...rule.levels.map(({ threshold }) => threshold)) * 1000;
    default:
      return hold + 3_600_000;
  }
}

export interface FiringsApart {
  /** Where the draft fires and today's rule does not. */
  readonly added: readonly Firing[];
  /** The other way round. */
  readonly gone: readonly Firing[];
  /** Where both fire, at other times or with another severity. */
  readonly moved: readonly { readonly today: Firing; readonly draft: Firing }[];
  readonly same: number;
}

/** How what a draft makes of the past differs from what today's rule makes of it: firings that overlap are the same. */
export function firingsApart(today: readonly Firing[], draft: readonly Firing[]): FiringsApart {
  const left = new Set(today);
  const added: Firing[] = [];
  const moved: { today: Firing; draft: Firing }[] = [];
  let same = 0;
  for (const one of draft) {
    const match = [...left].find((other) => other.key === one.key && overlap(one, other));
    if (!match) added.push(one);
    else if (isSame(one, match)) same += 1;
    else moved.push({ today: match, draft: one });
    if (match) left.delete(match);
  }
  return { added, gone: [...left], moved, same };
}

function overlap(a: Firing, b: Firing): boolean {
  return a.since <= (b.until ?? Number.POSITIVE_INFINITY) && b.since <= (a.until ?? Number.POSITIVE_INFINITY);
}

function isSame(a: Firing, b: Firing): boolean {
  return a.since === b.since && a.until === b.until && a.severity === b.severity;
}

/** A past that is in memory, for tests and for what a message brings along. */
export function historyOf(recorded: readonly Recorded[]): HistorySource {
  return {
    async *read({ from, to }) {
      yield recorded.filter((one) => momentOf(one) >= from && momentOf(one) < to);
    },
  };
}

function momentOf(recorded: Recorded): number {
  return 'sample' in recorded ? recorded.sample.at : recorded.event.at;
}
