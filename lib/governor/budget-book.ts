import { durationMs } from './duration.ts';
import type { Around, Ask, Finding, RuleBook, Step, Usage } from './rule-book.ts';
import type { BudgetRule } from './rules.ts';
import { Tally } from './tally.ts';
import { binds, counts, scopeKey } from './use.ts';

/** At most so many within a window. */
export class BudgetBook implements RuleBook {
  readonly rule: BudgetRule;
  readonly #let: Tally;
  readonly #linedUp = new Tally(Number.POSITIVE_INFINITY);

  constructor(rule: BudgetRule) {
    this.rule = rule;
    this.#let = new Tally(durationMs(rule.window));
  }

  judge({ use, moment, now, around }: Ask): Finding | undefined {
    const { rule } = this;
    const scope = scopeKey(rule.per, use);
    if (scope === null || !binds(rule, use)) return undefined;
    const limit = this.#limit(scope, around);
    const ahead = moment === 'turn' ? 0 : this.#linedUp.used(scope, now, use.operation);
    const used = this.#let.used(scope, now, use.operation) + ahead;
    if (used < limit) return undefined;
    const freesAt = ahead > 0 && limit > 0 ? null : this.#let.freesAt(scope, now, limit);
    return { rule, code: 'GOVERNOR_BUDGET', outcome: rule.onExceed ?? 'refuse', scope, used, limit, freesAt };
  }

  note({ type, use, at, began }: Step): void {
    const scope = scopeKey(this.rule.per, use);
    if (scope === null || !counts(this.rule, use)) return;
    if (type === 'lined-up') this.#linedUp.put(scope, use.operation, at);
    else this.#linedUp.drop(scope, use.operation);
    if (type === 'let') this.#let.put(scope, use.operation, at);
    if (type === 'ended' && began === false) this.#let.drop(scope, use.operation);
  }

  usage(now: number, around: Around): readonly Usage[] {
    const isWhole = this.rule.per === undefined || this.rule.per === 'all';
    return (isWhole ? [''] : this.#let.keys(now)).map((scope) => {
      const [used, limit] = [this.#let.used(scope, now), this.#limit(scope, around)];
      const stops = used >= limit;
      return { scope, used, limit, freesAt: stops ? this.#let.freesAt(scope, now, limit) : null, stops };
    });
  }

  #limit(scope: string, around: Around): number {
    const { limit, percent = 0, per } = this.rule;
    if (limit !== undefined) return limit;
    const size = around.members(this.rule).filter((one) => placeOf(per, one) === scope).length;
    return Math.floor((size * percent) / 100);
  }
}

/** Where a VM is, in the words of `scopeKey`. */
export function placeOf(
  per: string | undefined,
  at: { readonly connection: string; readonly host: string | null; readonly pool: string | null },
): string | null {
  if (per === 'connection' || per === 'host' || per === 'pool') return at[per];
  return '';
}
