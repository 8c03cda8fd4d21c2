/** A circuit breaker: closed, open until a time, then half-open with one trial. Pure; times in ms on one time line. */
export interface Breaker {
  /** Failures that count, oldest first. */
  readonly failures: readonly number[];
  readonly openedAt: number | null;
  /** The operation that tries whether it works again. */
  readonly trial: string | null;
}

export interface BreakerLimits {
  readonly failures: number;
  readonly windowMs: number;
  readonly openForMs: number;
}

export const closedBreaker: Breaker = { failures: [], openedAt: null, trial: null };

export function phaseOf(
  { openedAt }: Breaker,
  { openForMs }: BreakerLimits,
  now: number,
): 'closed' | 'open' | 'half-open' {
  if (openedAt === null) return 'closed';
  return now < openedAt + openForMs ? 'open' : 'half-open';
}

export function allows(breaker: Breaker, limits: BreakerLimits, now: number, operation: string): boolean {
  const phase = phaseOf(breaker, limits, now);
  if (phase === 'closed') return true;
  return phase === 'half-open' && (breaker.trial === null || breaker.trial === operation);
}

/** An operation begins: in a half-open breaker it is the trial. */
export function begins(breaker: Breaker, limits: BreakerLimits, now: number, operation: string): Breaker {
  if (phaseOf(breaker, limits, now) !== 'half-open' || breaker.trial !== null) return breaker;
  return { ...breaker, trial: operation };
}

/** An operation ended: while it is open, only its trial tells something. */
export function ends(
  breaker: Breaker,
  limits: BreakerLimits,
  now: number,
  { operation, began, failed }: { readonly operation: string; readonly began: boolean; readonly failed: boolean },
): Breaker {
  if (breaker.openedAt !== null) {
    if (breaker.trial !== operation) return breaker;
    if (!began) return { ...breaker, trial: null };
    return failed ? { ...breaker, openedAt: now, trial: null } : closedBreaker;
  }
  if (!failed || !began) return breaker;
  const failures = [...current(breaker, limits, now), now];
  return { failures, openedAt: failures.length >= limits.failures ? now : null, trial: null };
}

/** The failures that count now. */
export function current({ failures }: Breaker, { windowMs }: BreakerLimits, now: number): readonly number[] {
  return failures.filter((at) => at + windowMs > now);
}
