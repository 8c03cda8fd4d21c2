import { placeOf } from './budget-book.ts';
import type { Around, Ask, Finding, Member, RuleBook, Step, Usage } from './rule-book.ts';
import type { ShareRule } from './rules.ts';
import { binds, counts, scopeKey } from './use.ts';

/** At most so many VMs of a set may be off or worked on at once. */
export class ShareBook implements RuleBook {
  readonly rule: ShareRule;
  /** Objects by the operations that work on them. */
  readonly #working = new Map<string, string>();
  readonly #linedUp = new Map<string, string>();

  constructor(rule: ShareRule) {
    this.rule = rule;
  }

  judge({ use, moment, around }: Ask): Finding | undefined {
    const { rule } = this;
    const scope = scopeKey(rule.per, use);
    if (scope === null || use.object === null || !binds(rule, use)) return undefined;
    const members = this.#membersIn(scope, around);
    const own = members.find(({ object }) => object === use.object);
    // What is off already does not become more so.
    if (own?.running === false) return undefined;
    const others = members.filter(({ object }) => object !== use.object);
    const used = this.#away(others, moment === 'turn' ? [this.#working] : [this.#working, this.#linedUp]);
    const limit = this.#limit(members.length);
    if (used < limit) return undefined;
    return {
      rule,
      code: 'GOVERNOR_SHARE',
      outcome: rule.onExceed ?? 'refuse',
      scope,
      used,
      limit,
      freesAt: null,
      more: `of ${members.length} VMs`,
    };
  }

  note({ type, use }: Step): void {
    if (use.object === null || !counts(this.rule, use)) return;
    this.#linedUp.delete(use.operation);
    if (type === 'lined-up') this.#linedUp.set(use.operation, use.object);
    if (type === 'let') this.#working.set(use.operation, use.object);
    if (type === 'ended') this.#working.delete(use.operation);
  }

  usage(_now: number, around: Around): readonly Usage[] {
    const scopes = new Set(around.members(this.rule).map((one) => placeOf(this.rule.per, one)));
    return [...scopes].flatMap((scope) => {
      if (scope === null) return [];
      const members = this.#membersIn(scope, around);
      const [used, limit] = [this.#away(members, [this.#working]), this.#limit(members.length)];
      return [{ scope, used, limit, freesAt: null, stops: used >= limit }];
    });
  }

  #membersIn(scope: string, around: Around): readonly Member[] {
    return around.members(this.rule).filter((one) => placeOf(this.rule.per, one) === scope);
  }

  #away(members: readonly Member[], lists: readonly ReadonlyMap<string, string>[]): number {
    const worked = new Set(lists.flatMap((list) => [...list.values()]));
    return members.filter(({ running, object }) => !running || worked.has(object)).length;
  }

  #limit(size: number): number {
    const { limit, percent = 0 } = this.rule;
    return limit ?? Math.floor((size * percent) / 100);
  }
}
