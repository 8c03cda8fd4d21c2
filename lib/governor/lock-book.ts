import type { Ask, Finding, RuleBook, Usage } from './rule-book.ts';
import type { ProtectRule, ReadOnlyRule } from './rules.ts';
import { counts } from './use.ts';

/** What is never allowed: everything where it is read-only, and some actions on what is protected. */
export class LockBook implements RuleBook {
  readonly rule: ReadOnlyRule | ProtectRule;

  constructor(rule: ReadOnlyRule | ProtectRule) {
    this.rule = rule;
  }

  judge({ use }: Ask): Finding | undefined {
    const { rule } = this;
    if (!counts(rule, use)) return undefined;
    const code = rule.type === 'readOnly' ? 'GOVERNOR_READ_ONLY' : 'GOVERNOR_PROTECTED';
    return { rule, code, outcome: 'refuse', scope: use.object ?? use.connection, used: 0, limit: 0, freesAt: null };
  }

  note(): void {}

  usage(): readonly Usage[] {
    return [];
  }
}
