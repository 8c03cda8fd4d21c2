import type { MemberStanding, Memory } from './memory.ts';

/** What comes in about one object. Times are milliseconds since the epoch. */
export type Input =
  | { readonly type: 'sample'; readonly at: number; readonly fields: Readonly<Record<string, number>> }
  | { readonly type: 'event'; readonly at: number; readonly event: string; readonly reason: string | null }
  | { readonly type: 'state'; readonly at: number; readonly state: string }
  | { readonly type: 'members'; readonly at: number; readonly members: Readonly<Record<string, MemberStanding>> }
  /** Whoever would have to say something says that it cannot. */
  | { readonly type: 'blind'; readonly at: number; readonly blind: Blind }
  | { readonly type: 'missing' }
  /** The rule does not count for it any more. */
  | { readonly type: 'withdrawn' }
  /** Lets time go by. */
  | { readonly type: 'nothing' };

/** Why an object cannot be judged now. */
export interface Blind {
  readonly status: 'no-data' | 'error' | 'learning';
  readonly reason: string;
}

/** What a meter makes of an input: what it remembers from now on and, where it has one, a reading. */
export interface Step {
  readonly memory: Memory;
  readonly reading?: number | Blind;
}

/**
 * Turns what comes in into the one figure that the levels of a rule are laid to. All kinds of rules differ in this
 * alone. A meter keeps nothing: its memory is handed in and out.
 */
export interface Meter {
  take(memory: Memory, input: Input): Step;
  /** When time alone gives the next reading; Infinity when never. */
  due(memory: Memory): number;
  /** That reading. */
  pass(memory: Memory, at: number): Step;
  /** Moves the moments that time is counted from: after a stop, or when the clock was set back. */
  shift(memory: Memory, moved: (moment: number) => number): Memory;
  /** Whether so much was learned that it should be on disk though no transition came of it. */
  isWorthKeeping(before: Memory, after: Memory): boolean;
  /** `cpu_ratio is 91 %` */
  is(value: number | null, memory: Memory): string;
  /** `no figure of cpu_ratio`: what is missing when there is no data. */
  readonly lack: string;
  /** A threshold in its unit. */
  figure(value: number): string;
  /** What a reading was made of, for programs. */
  evidence(memory: Memory): Readonly<Record<string, unknown>>;
}

/** A meter that needs neither time nor memory, to build others on. */
export const stillMeter = {
  due: () => Number.POSITIVE_INFINITY,
  pass: (memory: Memory): Step => ({ memory }),
  shift: (memory: Memory) => memory,
  isWorthKeeping: () => false,
  evidence: () => ({}),
} as const;

export function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}
