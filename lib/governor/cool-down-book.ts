import { durationMs } from './duration.ts';
import type { Ask, Finding, RuleBook, Step, Usage } from './rule-book.ts';
import type { CoolDownRule } from './rules.ts';
import { Tally } from './tally.ts';
import { binds, counts } from './use.ts';

/** An object rests between two actions; the time runs from the end of the first. */
export class CoolDownBook implements RuleBook {
  readonly rule: CoolDownRule;
  readonly #latest: Tally;

  constructor(rule: CoolDownRule) {
    this.rule = rule;
    this.#latest = new Tally(durationMs(rule.for));
  }

  judge({ use, now }: Ask): Finding | undefined {
    const { rule } = this;
    const { object: scope } = use;
    if (scope === null || !binds(rule, use)) return undefined;
    const used = this.#latest.used(scope, now, use.operation);
    if (used === 0) return undefined;
    const freesAt = this.#latest.freesAt(scope, now, 1);
    return { rule, code: 'GOVERNOR_COOL_DOWN', outcome: rule.onExceed ?? 'refuse', scope, used, limit: 1, freesAt };
  }

  note({ type, use, at, began }: Step): void {
    if (use.object === null || !counts(this.rule, use)) return;
    if (type === 'let' || (type === 'ended' && began)) this.#latest.put(use.object, use.operation, at);
    if (type === 'ended' && began === false) this.#latest.drop(use.object, use.operation);
  }

  usage(now: number): readonly Usage[] {
    return this.#latest
      .keys(now)
      .map((scope) => ({ scope, used: 1, limit: 1, freesAt: this.#latest.freesAt(scope, now, 1), stops: true }));
  }
}
