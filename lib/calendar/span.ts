/** A stretch of time, milliseconds since the epoch; `until` is no longer in it. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** When a window is open. Stretches that overlap or meet are one. */
export interface Times {
  /** The stretch that a moment lies in. */
  at(moment: number): Span | undefined;
  /** The first that begins after a moment. */
  next(after: number): Span | undefined;
}

/** No calendar shows more of one window. */
const mostShown = 2_000;

/** All stretches that touch the time from `from` until before `until`, in order. */
export function spansBetween(times: Times, from: number, until: number): Span[] {
  const spans: Span[] = [];
  let span = times.at(from) ?? times.next(from);
  while (span && span.from < until && spans.length < mostShown) {
    spans.push(span);
    span = times.next(span.until);
  }
  return spans;
}

/** The same stretches in order, those that overlap or meet made one. */
export function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && span.from <= last.until) {
      result[result.length - 1] = { from: last.from, until: Math.max(last.until, span.until) };
    } else {
      result.push(span);
    }
  }
  return result;
}

/** Times that are known one by one. */
export function listed(spans: readonly Span[]): Times {
  const all = merged(spans);
  return {
    at: (moment) => all.find(({ from, until }) => from <= moment && moment < until),
    next: (after) => all.find(({ from }) => from > after),
  };
}
