import type { ErrorCode } from '../model/catalogue.ts';
import type { Rule } from './rules.ts';
import type { Use } from './use.ts';

/** Why an operation may not go on now. */
export interface Finding {
  readonly rule: Rule;
  readonly code: Extract<ErrorCode, `GOVERNOR_${string}`>;
  /** `wait`: it may go on later by itself. */
  readonly outcome: 'refuse' | 'wait';
  /** What it is counted together with; '' is everything. */
  readonly scope: string;
  readonly used: number;
  readonly limit: number;
  /** When there may be room again, on the time line of the book; null when that depends on something else. */
  readonly freesAt: number | null;
  /** What there is to say beside the numbers. */
  readonly more?: string;
}

/**
 * Who wants to go on: `asked` for the first time, `again` after it had to wait, or at its `turn`. Only at the turn what
 * has lined up does not count.
 */
export interface Ask {
  readonly use: Use;
  readonly moment: 'asked' | 'again' | 'turn';
  readonly now: number;
  readonly around: Around;
}

/** The VMs as they are at this moment. */
export interface Around {
  /** Those that a rule is about, by its connection and selector; templates are none. */
  members(rule: Rule): readonly Member[];
}

export interface Member {
  /** `connection/kind/id` */
  readonly object: string;
  readonly connection: string;
  readonly host: string | null;
  readonly pool: string | null;
  readonly running: boolean;
}

/** What becomes of an operation. */
export interface Step {
  readonly type: 'submitted' | 'lined-up' | 'held' | 'let' | 'ended';
  readonly use: Use;
  readonly at: number;
  /** Of one that ended: whether it had begun, and failed. */
  readonly began?: boolean;
  readonly failed?: boolean;
}

/** How much of a rule is used up for one scope. */
export interface Usage {
  readonly scope: string;
  readonly used: number;
  readonly limit: number;
  readonly freesAt: number | null;
  readonly stops: boolean;
}

/** One rule and what it has counted: pure, on a time line that never goes back. */
export interface RuleBook {
  readonly rule: Rule;
  judge(ask: Ask): Finding | undefined;
  note(step: Step): void;
  usage(now: number, around: Around): readonly Usage[];
}
