import type { Breaker } from './breaker.ts';
import { BreakerBook } from './breaker-book.ts';
import { BudgetBook } from './budget-book.ts';
import { CoolDownBook } from './cool-down-book.ts';
import { durationMs } from './duration.ts';
import { LockBook } from './lock-book.ts';
import type { Around, Ask, Finding, RuleBook, Step, Usage } from './rule-book.ts';
import type { Rule, Rules } from './rules.ts';
import { ShareBook } from './share-book.ts';
import { StormBook } from './storm-book.ts';
import { counts, type Use } from './use.ts';

/** Where breakers and storms are kept: they cannot be read from the operations that there were. */
export interface Keeper {
  breaker(rule: string, scope: string, breaker: Breaker, at: number): void;
  storm(rule: string, scope: string, until: number): void;
}

export interface RuleUsage {
  readonly rule: Rule;
  readonly usage: readonly Usage[];
}

/** In this order they are asked, so that a refusal names the strongest reason. */
const order: readonly Rule['type'][] = ['readOnly', 'protect', 'storm', 'breaker', 'coolDown', 'budget', 'share'];

/**
 * All rules that are in force, and what they have counted. Pure: it knows no clock, no disk and no hypervisor; the same
 * steps lead to the same answers.
 */
export class Books {
  readonly #books: readonly RuleBook[];

  constructor(rules: Rules, keeper: Keeper) {
    const inForce = rules.rules.filter(({ enabled }) => enabled !== false);
    this.#books = inForce
      .toSorted((a, b) => order.indexOf(a.type) - order.indexOf(b.type))
      .map((rule) => bookOf(rule, keeper));
  }

  /** How far back operations matter; milliseconds. */
  get reachMs(): number {
    return Math.max(0, ...this.#books.map(({ rule }) => reachOf(rule)));
  }

  get rules(): readonly Rule[] {
    return this.#books.map(({ rule }) => rule);
  }

  restoreBreaker(rule: string, scope: string, breaker: Breaker, keptAt: number): void {
    for (const book of this.#of(rule)) if (book instanceof BreakerBook) book.restore(scope, breaker, keptAt);
  }

  restoreStorm(rule: string, scope: string, until: number): void {
    for (const book of this.#of(rule)) if (book instanceof StormBook) book.restore(scope, until);
  }

  /** Why it may not go on, the strongest reason first: a refusal before whatever makes it wait. */
  judge(ask: Ask): Finding | undefined {
    let waits: Finding | undefined;
    for (const book of this.#books) {
      const finding = book.judge(ask);
      if (finding?.outcome === 'refuse') return finding;
      waits ??= finding;
    }
    return waits;
  }

  note(step: Step): void {
    for (const book of this.#books) book.note(step);
  }

  /** The rules that an operation is counted by for longer than it lasts, or by its object. */
  counting(use: Use): readonly Rule[] {
    return this.rules.filter((rule) => {
      const remembers = rule.type === 'budget' || rule.type === 'coolDown' || rule.type === 'share';
      return (remembers || (rule.type === 'breaker' && rule.selector !== undefined)) && counts(rule, use);
    });
  }

  usage(now: number, around: Around): readonly RuleUsage[] {
    return this.#books.map((book) => ({ rule: book.rule, usage: book.usage(now, around) }));
  }

  #of(rule: string): readonly RuleBook[] {
    return this.#books.filter((book) => book.rule.id === rule);
  }
}

function bookOf(rule: Rule, keeper: Keeper): RuleBook {
  switch (rule.type) {
    case 'budget':
      return new BudgetBook(rule);
    case 'share':
      return new ShareBook(rule);
    case 'coolDown':
      return new CoolDownBook(rule);
    case 'breaker':
      return new BreakerBook(rule, (scope, breaker, at) => keeper.breaker(rule.id, scope, breaker, at));
    case 'storm':
      return new StormBook(rule, (scope, until) => keeper.storm(rule.id, scope, until));
    default:
      return new LockBook(rule);
  }
}

function reachOf(rule: Rule): number {
  if (rule.type === 'coolDown') return durationMs(rule.for);
  return 'window' in rule ? durationMs(rule.window) : 0;
}
