import type { SeesTags } from '../metrics/store/metric-store.ts';
import { type ErrorRecord, toVirtflowError, VirtflowError } from '../model/errors.ts';
import type { HypervisorEvent } from '../model/event.ts';
import { Feed, type Unsubscribe } from '../model/feed.ts';
import type { AnyObject } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';
import type { AlertState } from './alert.ts';
import { type BacktestOptions, type Comparison, compare, type Tested } from './backtest.ts';
import type { RuleEngine, RuleOrigin } from './engine.ts';
import type { Status } from './memory.ts';
import { withMembers } from './replay.ts';
import { parseRule, type Rule, type RuleKind } from './rule.ts';
import type { ListedRule } from './rule-file.ts';
import { RuleSet, type RuleSetParts } from './rule-set.ts';
import { type RuleInventory, Scopes } from './scopes.ts';
import { type PastStore, storedHistory } from './stored-history.ts';
import { subjectOfObject } from './tracked.ts';

export interface RuleRoomParts extends RuleSetParts {
  readonly rules: RuleEngine;
  readonly inventory: RuleInventory;
  readonly connections: { readonly events: Feed<HypervisorEvent> };
  readonly metrics: { readonly samples: Feed<readonly Sample[]>; readonly store: PastStore };
}

/** A rule of the list, wherever it is from. */
export interface RuleEntry {
  readonly rule: Rule;
  readonly from: RuleOrigin;
  /** One of a node is, as long as it is deployed. */
  readonly enabled: boolean;
}

export interface RuleStanding extends Pick<Rule, 'id' | 'name' | 'kind'>, Pick<RuleEntry, 'from' | 'enabled'> {
  /** How many objects have which status. */
  readonly counts: Readonly<Partial<Record<Status, number>>>;
}

export interface BacktestRequest extends Pick<BacktestOptions, 'from' | 'to' | 'signal' | 'progress'> {
  /** As in `rules.json`; without an id it is a new one. */
  readonly rule: unknown;
  /** The id of the rule of today that it is held against; its own unless told. */
  readonly against?: string | undefined;
  readonly sees?: SeesTags;
}

const sampledKinds: ReadonlySet<RuleKind> = new Set<RuleKind>(['threshold', 'rate', 'absence', 'forecast', 'anomaly']);
const longestPastMs = 366 * 86_400_000;
const backtestLimitMs = 120_000;
const backtestsAtOnce = 2;
const tellAfterMs = 1_000;
const complainEveryMs = 60_000;

/** All rules in one list: those of nodes and those of `rules.json`. What no flow feeds is fed here, with what is collected. */
export class RuleRoom {
  /** The id of a rule that came, was changed or went, or under which objects stand otherwise; a moment later, and once for many. */
  readonly changes = new Feed<string>();
  readonly #parts: RuleRoomParts;
  readonly #set: RuleSet;
  /** Those of the file that run, as they were taken up. */
  readonly #running = new Map<string, Rule>();
  #listed: readonly string[] = [];
  readonly #touched = new Set<string>();
  #telling: NodeJS.Timeout | undefined;
  #ends: Unsubscribe[] = [];
  #backtests = 0;
  #complained: { readonly code: string; readonly at: number } | undefined;

  /** @throws STORE_* */
  constructor(parts: RuleRoomParts) {
    this.#parts = parts;
    this.#set = new RuleSet(parts);
  }

  start(): void {
    const { rules, inventory, connections, metrics } = this.#parts;
    this.#set.start();
    this.#ends = [
      this.#set.changes.subscribe(() => this.#apply()),
      rules.changes.subscribe((id) => {
        this.#touch(id);
        this.#tellStates(id);
      }),
      rules.alerts.subscribe(({ rule }) => this.#touch(rule)),
      rules.problems.subscribe((problem) => this.#complain(problem)),
      metrics.samples.subscribe((samples) => rules.observeUnder(idsOf(this.#fedHere('samples')), samples)),
      connections.events.subscribe((event) => {
        for (const { id } of this.#fedHere('events')) rules.event(id, event);
      }),
      inventory.changes.subscribe((fact) => {
        if (fact.type === 'removed') return;
        for (const rule of this.#fedHere('states')) this.#tellState(rule, fact.object);
      }),
    ];
    this.#apply();
  }

  /** Stopping twice is fine. */
  stop(): void {
    for (const end of this.#ends.splice(0)) end();
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#set.stop();
    this.#running.clear();
  }

  /** What is wrong with the file, while older rules are in force. */
  get problem(): ErrorRecord | null {
    return this.#set.problem;
  }

  /** Those of nodes, then those of the file. */
  list(): readonly RuleEntry[] {
    const nodes = this.#parts.rules.rules().filter(({ from }) => from.type === 'node');
    const listed = this.#set.current.map(({ rule, enabled }) => ({ rule, from: { type: 'file' } as const, enabled }));
    return [...nodes.map((entry) => ({ ...entry, enabled: true })), ...listed];
  }

  /** @throws RULE_UNKNOWN */
  get(id: string): RuleEntry {
    const found = this.list().find(({ rule }) => rule.id === id);
    if (found) return found;
    throw new VirtflowError('RULE_UNKNOWN', { rule: id });
  }

  /** A rule in short, for who follows it; undefined when there is none such. */
  standing(id: string): RuleStanding | undefined {
    const found = this.list().find(({ rule }) => rule.id === id);
    if (!found) return undefined;
    const { rule, from, enabled } = found;
    const { rules } = this.#parts;
    return { id, name: rule.name, kind: rule.kind, from, enabled, counts: rules.has(id) ? rules.counts(id) : {} };
  }

  /** How every object stands under a rule; none under one that does not run. */
  states(id: string): readonly AlertState[] {
    const { rules } = this.#parts;
    return rules.has(id) ? rules.list(id) : [];
  }

  /** Adds a rule to the file, or replaces the one of its id. @throws RULE_INVALID, SETTINGS_FILE_INVALID, STORE_* */
  put(by: string, value: unknown): ListedRule {
    return this.#set.put(by, value);
  }

  /** @throws RULE_UNKNOWN, RULE_OF_NODE, SETTINGS_FILE_INVALID, STORE_* */
  delete(by: string, id: string): void {
    this.#refuseNodes(id);
    this.#set.delete(by, id);
  }

  /** @throws RULE_UNKNOWN, RULE_OF_NODE, SETTINGS_FILE_INVALID, STORE_* */
  enable(by: string, id: string, enabled: boolean): ListedRule {
    this.#refuseNodes(id);
    return this.#set.enable(by, id, enabled);
  }

  /**
   * Tries a rule on the stored past, beside the one of today.
   * @throws RULE_INVALID, BACKTEST_REFUSED, BACKTESTS_TOO_MANY, METRIC_STORE_*
   */
  async backtest(request: BacktestRequest): Promise<Comparison> {
    const { rule, against, from, to, sees, signal, progress } = request;
    const draft = parseRule({ id: 'draft', name: 'draft', ...Object(rule) });
    if (!(from < to)) throw refused('the range ends before it begins');
    if (to - from > longestPastMs) throw refused('the range is longer than a year');
    const others = this.list().map((entry) => entry.rule);
    const today = others.find(({ id }) => id === (against ?? draft.id));
    if (this.#backtests >= backtestsAtOnce) throw new VirtflowError('BACKTESTS_TOO_MANY', { limit: backtestsAtOnce });
    this.#backtests += 1;
    try {
      const history = storedHistory(this.#parts.metrics.store, sees ? { sees } : {});
      return await compare(
        history,
        await this.#tested(draft, others),
        today ? await this.#tested(today, others) : undefined,
        { from, to, limitMs: backtestLimitMs, ...(signal && { signal }), ...(progress && { progress }) },
      );
    } finally {
      this.#backtests -= 1;
    }
  }

  /** Targets are those of now: of what the past inventory was, nothing is kept. */
  async #tested(rule: Rule, members: readonly Rule[]): Promise<Tested> {
    const scopes = new Scopes(this.#parts.inventory, () => {});
    const all = withMembers(rule, members);
    for (const one of all) scopes.follow(one);
    await scopes.settled();
    scopes.stop();
    return { rule, members, isTarget: (id, object) => scopes.has(id, object) };
  }

  #refuseNodes(id: string): void {
    if (this.get(id).from.type === 'node') throw new VirtflowError('RULE_OF_NODE', { rule: id });
  }

  /** Takes up what is new or other in the file, and gives up what is not in it any more or switched off. */
  #apply(): void {
    const { rules } = this.#parts;
    const wanted = new Map(this.#set.current.flatMap(({ rule, enabled }) => (enabled ? [[rule.id, rule]] : [])));
    for (const id of [...this.#running.keys()]) {
      if (wanted.has(id)) continue;
      this.#running.delete(id);
      rules.forget(id);
    }
    for (const [id, rule] of wanted) {
      if (JSON.stringify(this.#running.get(id)) === JSON.stringify(rule)) continue;
      rules.add(rule, { type: 'file' });
      this.#running.set(id, rule);
    }
    const listed = this.#set.current.map(({ rule }) => rule.id);
    for (const id of [...this.#listed, ...listed]) this.#touch(id);
    this.#listed = listed;
  }

  #touch(id: string): void {
    this.#touched.add(id);
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      const ids = [...this.#touched];
      this.#touched.clear();
      for (const one of ids) this.changes.publish(one);
    }, tellAfterMs).unref();
  }

  /** While the disk is full it is tried each second; that is told once a minute. */
  #complain({ code, message, advice }: ErrorRecord): void {
    const at = this.#parts.rules.now();
    if (this.#complained?.code === code && at - this.#complained.at < complainEveryMs) return;
    this.#complained = { code, at };
    this.#parts.log.error(`rules: ${message} ${advice} [${code}]`);
  }

  #fedHere(what: 'samples' | 'events' | 'states'): readonly Rule[] {
    const all = this.#parts.rules.rules();
    return all.flatMap(({ rule, from }) => (isFedHere(from) && feedOf(rule) === what ? [rule] : []));
  }

  /** A rule that was taken up learns how everything stands. */
  #tellStates(id: string): void {
    const { rules, inventory } = this.#parts;
    const found = rules.rules().find(({ rule }) => rule.id === id);
    if (!found || !isFedHere(found.from) || feedOf(found.rule) !== 'states') return;
    for (const object of inventory.list()) this.#tellState(found.rule, object);
  }

  /** Whether it is a target may only be known in a moment. */
  #tellState(rule: Rule, object: AnyObject): void {
    if (object.kind !== 'vm' || object.template) return;
    const { rules, inventory } = this.#parts;
    const tell = () => {
      const now = inventory.get(object);
      if (now?.kind !== 'vm' || !rules.has(rule.id)) return;
      rules.tell(rule.id, subjectOfObject(now, now.name), { type: 'state', at: rules.now(), state: now.power });
    };
    const complain = (thrown: unknown) => rules.problems.publish(toVirtflowError(thrown).toJSON());
    if (rule.targets) rules.scopes.settled().then(tell).catch(complain);
    else tell();
  }
}

function isFedHere(from: RuleOrigin): boolean {
  return from.type === 'file' || from.fedBy === 'house';
}

function idsOf(rules: readonly Rule[]): readonly string[] {
  return rules.map(({ id }) => id);
}

function feedOf({ kind }: Rule): 'samples' | 'events' | 'states' | undefined {
  if (kind === 'event-count') return 'events';
  if (kind === 'state') return 'states';
  return sampledKinds.has(kind) ? 'samples' : undefined;
}

function refused(reason: string): VirtflowError {
  return new VirtflowError('BACKTEST_REFUSED', { reason });
}
