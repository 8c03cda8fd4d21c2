import type { AuditLog } from '../access/audit/audit-log.ts';
import type { Danger } from '../actions/action.ts';
import { type Clock, systemClock } from '../calendar/clock.ts';
import { toVirtflowError } from '../model/errors.ts';
import { Feed, type Unsubscribe } from '../model/feed.ts';
import type { Log } from '../model/log.ts';
import type { Candidate, Guard, Hold, Passage } from '../operations/guard.ts';
import { endStates, type Operation, type OperationEvent, objectOf } from '../operations/operation.ts';
import type { ActionSource } from '../operations/runner.ts';
import { Throttle } from '../operations/throttle.ts';
import type { Journal, States } from '../store/store.ts';
import { Books } from './books.ts';
import { type KillRecord, KillSwitch } from './kill-switch.ts';
import { Memory } from './memory.ts';
import { operationsSince, recordedUse, stepOf, stepsOf } from './replay.ts';
import type { Around, Ask, Finding, Step } from './rule-book.ts';
import { RuleSet } from './rule-set.ts';
import type { Rule, Rules } from './rules.ts';
import { countedBy, refusal, stoppedBy, waitsFor } from './sentences.ts';
import { type GovernorState, standingOf } from './standing.ts';
import { type GovernedInventory, Surroundings } from './surroundings.ts';
import { Timeline } from './timeline.ts';
import { type Use, useOf } from './use.ts';
import { Waiters } from './waiters.ts';

export interface GovernorParts {
  readonly dataDirectory: string;
  readonly journal: Journal;
  readonly states: States;
  readonly audit: AuditLog;
  readonly actions: ActionSource;
  readonly inventory: GovernedInventory;
  readonly log: Log;
  readonly clock?: Clock;
}

/** What the governor follows and, when the kill switch is thrown, ends. */
export interface GovernedOperations {
  readonly events: Feed<OperationEvent>;
  cancel(id: string, by: string): Operation;
}

const lookEveryMs = 1_000;
const tellEveryMs = 500;
/** Operations between being asked about and being recorded. */
const askedAtMost = 10_000;

/**
 * Stands outside the flows and above them: whoever asks, budgets, rests, breakers, storms, locks and the kill switch
 * decide whether an operation may run. What was let through is counted from the journal, so that a restart, however it
 * came about, gives nothing back.
 */
export class Governor implements Guard {
  /** How it stands, whenever that has changed; not more than twice a second. */
  readonly changes = new Feed<GovernorState>();
  readonly #parts: GovernorParts;
  readonly #clock: Clock;
  readonly #line: Timeline;
  readonly #set: RuleSet;
  readonly #switch: KillSwitch;
  readonly #memory: Memory;
  readonly #surroundings: Surroundings;
  readonly #waiters: Waiters;
  readonly #news = new Throttle(tellEveryMs, () => this.#tell());
  /** Operations that were asked about or have not ended. */
  readonly #uses = new Map<string, Use>();
  #books: Books;
  #killedAt: number | undefined;
  #operations: GovernedOperations | undefined;
  #unsubscribe: Unsubscribe | undefined;
  #cancel: (() => void) | undefined;

  /** @throws STORE_* */
  constructor(parts: GovernorParts) {
    const { states, audit, inventory, clock = systemClock } = parts;
    this.#parts = parts;
    this.#clock = clock;
    this.#line = new Timeline(clock);
    this.#set = new RuleSet(parts);
    this.#switch = new KillSwitch(states, audit);
    this.#memory = new Memory(states, this.#line, () => this.#news.later());
    this.#surroundings = new Surroundings(inventory);
    this.#waiters = new Waiters(clock);
    this.#books = new Books(this.#set.rules, this.#memory);
  }

  /** Takes up what was counted, then follows operations; they are started after it. @throws STORE_* */
  start(operations: GovernedOperations): void {
    this.#operations = operations;
    this.look();
    this.#unsubscribe = operations.events.subscribe((event) => this.#follow(event));
    this.#watch();
  }

  /** Reads the rules and what was counted, without following what comes. @throws STORE_* */
  look(): void {
    this.#set.refresh();
    this.#killedAt = this.#switch.get()?.at;
    this.#rebuild();
  }

  /** Stopping twice is fine. */
  stop(): void {
    this.#unsubscribe?.();
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiters.stop();
    this.#news.stop();
  }

  /** @throws GOVERNOR_* with the rule and its numbers; STORE_* */
  async pass(candidate: Candidate): Promise<Passage> {
    this.#refresh();
    const { moment, operation } = candidate;
    const isNew = moment === 'asked' && !this.#uses.has(operation.id);
    const use = await this.#useOf(candidate);
    if (moment !== 'plan') this.#remember(use);
    if (isNew) this.#books.note({ type: 'submitted', use, at: this.#line.now() });
    try {
      return await this.#decide(candidate, use, isNew);
    } catch (error) {
      if (isNew) this.#uses.delete(operation.id);
      throw error;
    }
  }

  /** Those in force. @throws STORE_* */
  rules(): Rules {
    this.#refresh();
    return this.#set.rules;
  }

  /** Replaces the rules, in the file as well. @throws GOVERNOR_RULES_INVALID, STORE_* and then nothing has changed */
  setRules(by: string, rules: unknown): Rules {
    this.#set.set(by, rules);
    this.#rebuild();
    this.#changed();
    return this.#set.rules;
  }

  /**
   * Stops everything at once: refuses what is new, cancels what waits and, where that is wanted, what runs. It lasts until
   * it is released, over restarts.
   * @throws PARAMETER_INVALID without a reason, STORE_*
   */
  kill(by: string, reason: string, { cancelRunning = false }: { readonly cancelRunning?: boolean } = {}): KillRecord {
    const record = this.#switch.throw(by, reason, cancelRunning, this.#clock.now());
    this.#lookAtSwitch();
    return record;
  }

  /** Answers what was released; undefined when the switch was not thrown. @throws STORE_* */
  release(by: string): KillRecord | undefined {
    const released = this.#switch.release(by);
    this.#lookAtSwitch();
    return released;
  }

  /** How it stands now, with what is used of each rule in force. @throws STORE_* */
  async usage(): Promise<GovernorState> {
    this.#refresh();
    const around = await this.#surroundings.look(this.#books.rules.filter(looksAround));
    return this.#state(around);
  }

  withdrawn({ id: operation }: Operation): void {
    const use = this.#uses.get(operation);
    if (!use) return;
    this.#uses.delete(operation);
    this.#books.note({ type: 'ended', use, at: this.#line.now(), began: false });
    this.#waiters.review();
  }

  async #decide({ operation, moment }: Candidate, use: Use, isNew: boolean): Promise<Passage> {
    const around = await this.#lookAround(use);
    const kill = this.#switch.get();
    if (kill) throw stoppedBy(kill, operation);
    // From here on to the note nothing else comes in between.
    const now = this.#line.now();
    const asked = isNew || moment === 'plan' ? 'asked' : 'again';
    const finding = this.#books.judge({ use, moment: moment === 'turn' ? moment : asked, now, around });
    if (finding?.outcome === 'refuse') throw this.#refusal(finding, operation);
    if (finding) return { why: [], hold: this.#hold(finding, operation, use) };
    if (moment === 'plan') return { why: [] };
    // Whoever is asked after it sees it.
    this.#books.note({ type: moment === 'turn' ? 'let' : 'lined-up', use, at: now });
    if (moment === 'asked') return { why: [] };
    this.#news.later();
    const counting = this.#books.counting(use);
    return { why: counting.length === 0 ? [] : [countedBy(counting, use.selectors)] };
  }

  #hold(finding: Finding, operation: Operation, use: Use): Hold {
    const look = async () => {
      const around = await this.#lookAround(use);
      const kill = this.#switch.get();
      if (kill) throw stoppedBy(kill, operation);
      const ask: Ask = { use, moment: 'again', now: this.#line.now(), around };
      const found = this.#books.judge(ask);
      if (found?.outcome === 'refuse') throw this.#refusal(found, operation);
      // Whoever is looked at after it sees it in the line.
      if (!found) this.#books.note({ type: 'lined-up', use, at: ask.now });
      return !found;
    };
    const why = waitsFor(finding, (at) => this.#line.wall(at));
    return { why, over: (signal) => this.#waiters.wait(look, signal) };
  }

  #refusal(finding: Finding, operation: Operation) {
    return refusal(finding, operation, (at) => this.#line.wall(at));
  }

  async #useOf({ operation, action, target }: Candidate): Promise<Use> {
    const object = objectOf(operation.target);
    const fresh = target === undefined && object ? this.#surroundings.get(object) : target;
    const selectors = await this.#surroundings.selectorsOf(this.#set.rules.rules, object === null ? null : fresh);
    return useOf(operation, action.danger, selectors);
  }

  async #lookAround(use: Use): Promise<Around> {
    const rules = this.#books.rules.filter(looksAround);
    return rules.length === 0 || use.object === null ? nothingAround : this.#surroundings.look(rules);
  }

  #remember(use: Use): void {
    this.#uses.set(use.operation, use);
    const [oldest] = this.#uses.keys();
    if (this.#uses.size > askedAtMost && oldest !== undefined) this.#uses.delete(oldest);
  }

  #follow({ type, operation }: OperationEvent): void {
    if (type === 'progress' || !isGoverned(operation)) return;
    const use = this.#uses.get(operation.id) ?? this.#heardOf(type, operation);
    const step = stepOf(type, operation, use, this.#line.now());
    if (!step) return;
    this.#books.note(step);
    if (step.type !== 'ended') return;
    this.#uses.delete(operation.id);
    this.#waiters.review();
    this.#news.later();
  }

  /** One that another guard has kept waiting before it came here was submitted all the same. */
  #heardOf(type: OperationEvent['type'], operation: Operation): Use {
    const use = recordedUse(operation, this.#dangerOf(operation));
    if (type !== 'queued') return use;
    this.#remember(use);
    this.#books.note({ type: 'submitted', use, at: this.#line.now() });
    return use;
  }

  /** Counts anew under other rules, from the journal. */
  #rebuild(): void {
    const { journal } = this.#parts;
    const books = new Books(this.#set.rules, this.#memory);
    this.#memory.restore(books);
    const steps: Step[] = [];
    for (const operation of operationsSince(journal, this.#clock.now() - books.reachMs)) {
      if (!isGoverned(operation)) continue;
      const use = this.#uses.get(operation.id) ?? recordedUse(operation, this.#dangerOf(operation));
      if (!endStates.has(operation.state)) this.#remember(use);
      steps.push(...stepsOf(operation, use, this.#line));
    }
    for (const step of steps.sort((a, b) => a.at - b.at)) books.note(step);
    this.#books = books;
  }

  #dangerOf({ action }: Operation): Danger {
    try {
      return this.#parts.actions.get(action).danger;
    } catch {
      return 'none';
    }
  }

  #watch(): void {
    this.#cancel = this.#clock.after(lookEveryMs, () => {
      this.#watch();
      try {
        this.#refresh();
      } catch (error) {
        this.#parts.log.error(`Governor: ${toVirtflowError(error).message}`);
      }
    });
  }

  /** What somebody changed in the file, or with the switch from another process. */
  #refresh(): void {
    if (this.#set.refresh()) {
      this.#rebuild();
      this.#changed();
    }
    this.#lookAtSwitch();
  }

  #lookAtSwitch(): void {
    const kill = this.#switch.get();
    if (kill?.at === this.#killedAt) return;
    this.#killedAt = kill?.at;
    if (kill) this.#endAll(kill);
    this.#parts.log.warn(kill ? `Governor: stopped by ${kill.by}: ${kill.reason}` : 'Governor: released');
    this.#changed();
  }

  #endAll({ by, reason, cancelRunning }: KillRecord): void {
    for (const { id, state } of this.#parts.journal.unfinished()) {
      const isToEnd = state === 'queued' || state === 'waiting' || (cancelRunning && state === 'running');
      if (isToEnd) this.#operations?.cancel(id, `${by} with the kill switch (${reason})`);
    }
  }

  #changed(): void {
    this.#waiters.review();
    this.#news.offer();
  }

  #tell(): void {
    this.usage().then(
      (state) => this.changes.publish(state),
      (error: unknown) => this.#parts.log.error(`Governor: ${toVirtflowError(error).message}`),
    );
  }

  #state(around: Around): GovernorState {
    return {
      killed: this.#switch.get() ?? null,
      problem: this.#set.problem?.toJSON() ?? null,
      waiting: this.#waiters.count,
      rules: standingOf(this.#books, this.#line, around),
    };
  }
}

const nothingAround: Around = { members: () => [] };

/** Whether a rule goes by how many VMs there are. */
function looksAround(rule: Rule): boolean {
  return rule.type === 'share' || (rule.type === 'budget' && rule.percent !== undefined);
}

/** What others do beside virtflow was never let through here; plans change nothing. */
function isGoverned({ mode, origin }: Operation): boolean {
  return mode !== 'plan' && origin.through !== 'external';
}
