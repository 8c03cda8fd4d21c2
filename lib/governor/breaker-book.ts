import { allows, type Breaker, type BreakerLimits, begins, closedBreaker, current, ends, phaseOf } from './breaker.ts';
import { durationMs } from './duration.ts';
import type { Ask, Finding, RuleBook, Step, Usage } from './rule-book.ts';
import type { BreakerRule } from './rules.ts';
import { binds, counts, scopeKey } from './use.ts';

/** Repeated failures stop more of the same for a while. */
export class BreakerBook implements RuleBook {
  readonly rule: BreakerRule;
  readonly #limits: BreakerLimits;
  readonly #breakers = new Map<string, Breaker>();
  /** Up to when what was kept knows of everything. */
  readonly #keptAt = new Map<string, number>();
  readonly #changed: (scope: string, breaker: Breaker, at: number) => void;

  /** @param changed hears of each change, to keep it */
  constructor(rule: BreakerRule, changed: (scope: string, breaker: Breaker, at: number) => void) {
    this.rule = rule;
    this.#changed = changed;
    const [windowMs, openForMs] = [durationMs(rule.window), durationMs(rule.openFor)];
    this.#limits = { failures: rule.failures, windowMs, openForMs };
  }

  /** Takes up what was kept at a time: what came before it is not counted again. */
  restore(scope: string, breaker: Breaker, keptAt: number): void {
    this.#breakers.set(scope, breaker);
    this.#keptAt.set(scope, keptAt);
  }

  judge({ use, now }: Ask): Finding | undefined {
    const { rule } = this;
    const scope = scopeKey(rule.per, use);
    if (scope === null || !binds(rule, use)) return undefined;
    const breaker = this.#get(scope);
    if (allows(breaker, this.#limits, now, use.operation)) return undefined;
    const isOpen = phaseOf(breaker, this.#limits, now) === 'open';
    return {
      rule,
      code: 'GOVERNOR_BREAKER_OPEN',
      outcome: 'refuse',
      scope,
      used: breaker.failures.length,
      limit: rule.failures,
      freesAt: isOpen ? this.#opensAgain(breaker) : null,
      ...(isOpen ? {} : { more: `one operation (${breaker.trial}) is tried first` }),
    };
  }

  note({ type, use, at, began = false, failed = false }: Step): void {
    const scope = scopeKey(this.rule.per, use);
    if (scope === null || !counts(this.rule, use)) return;
    if (at <= (this.#keptAt.get(scope) ?? Number.NEGATIVE_INFINITY)) return;
    const before = this.#get(scope);
    const { operation } = use;
    if (type === 'let' && binds(this.rule, use))
      this.#set(scope, before, begins(before, this.#limits, at, operation), at);
    if (type === 'ended') this.#set(scope, before, ends(before, this.#limits, at, { operation, began, failed }), at);
  }

  usage(now: number): readonly Usage[] {
    return [...this.#breakers].flatMap(([scope, breaker]) => {
      const phase = phaseOf(breaker, this.#limits, now);
      const used = phase === 'closed' ? current(breaker, this.#limits, now).length : breaker.failures.length;
      if (used === 0) return [];
      const freesAt = phase === 'open' ? this.#opensAgain(breaker) : null;
      return [{ scope, used, limit: this.rule.failures, freesAt, stops: phase !== 'closed' }];
    });
  }

  #opensAgain({ openedAt }: Breaker): number {
    return (openedAt ?? 0) + this.#limits.openForMs;
  }

  #get(scope: string): Breaker {
    return this.#breakers.get(scope) ?? closedBreaker;
  }

  #set(scope: string, before: Breaker, after: Breaker, at: number): void {
    if (after === before) return;
    this.#breakers.set(scope, after);
    this.#changed(scope, after, at);
  }
}
