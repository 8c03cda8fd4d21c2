import type { ErrorRecord } from '../model/errors.ts';
import type { Books } from './books.ts';
import { describeRule } from './describe.ts';
import type { KillRecord } from './kill-switch.ts';
import type { Around } from './rule-book.ts';
import type { Rule } from './rules.ts';
import type { Timeline } from './timeline.ts';

/** How much of one rule is used up. */
export interface RuleState {
  readonly rule: string;
  readonly name: string;
  readonly type: Rule['type'];
  readonly text: string;
  readonly scopes: readonly {
    /** '' is everything. */
    readonly scope: string;
    readonly used: number;
    readonly limit: number;
    /** When there is room again; milliseconds since the epoch. */
    readonly freesAt: number | null;
    /** Whether it stops operations now. */
    readonly stops: boolean;
  }[];
}

/** How the governor stands. */
export interface GovernorState {
  readonly killed: KillRecord | null;
  /** What is wrong with the file of rules, while older ones are in force. */
  readonly problem: ErrorRecord | null;
  readonly waiting: number;
  readonly rules: readonly RuleState[];
}

const scopesShown = 20;

/** How the rules of a book stand now, of each the fullest scopes first. */
export function standingOf(books: Books, line: Timeline, around: Around): readonly RuleState[] {
  const wall = (at: number | null) => (at === null ? null : Math.round(line.wall(at)));
  return books.usage(line.now(), around).map(({ rule, usage }) => ({
    rule: rule.id,
    name: rule.name ?? rule.id,
    type: rule.type,
    text: describeRule(rule),
    scopes: usage
      .toSorted((a, b) => b.used / (b.limit || 1) - a.used / (a.limit || 1))
      .slice(0, scopesShown)
      .map((one) => ({ ...one, freesAt: wall(one.freesAt) })),
  }));
}
