import type { Timetable } from './schedule.ts';
import type { Span, Times } from './span.ts';

/** How many stretches in a row may grow into one before it counts as endless. */
const mostInARow = 1_000;

/** Times that begin as a timetable says and last equally long, by the clock that never jumps. */
export function repeated(timetable: Timetable, lastsMs: number): Times {
  const grown = (first: number): Span => {
    let from = first;
    let until = first + lastsMs;
    for (let row = 0; row < mostInARow; row += 1) {
      const before = timetable.last(1, from - 1).at(0);
      if (before === undefined || before + lastsMs < from) break;
      from = before;
    }
    for (let row = 0; row < mostInARow; row += 1) {
      // The last that begins before it ends, or right then: those between add nothing.
      const last = timetable.last(1, until).at(0);
      if (last === undefined || last + lastsMs <= until) break;
      until = last + lastsMs;
    }
    return { from, until };
  };
  const beginning = (after: number): Span | undefined => {
    const begins = timetable.next(1, after).at(0);
    return begins === undefined ? undefined : grown(begins);
  };
  // It is asked for the same stretch until that is over, and one may be made of hundreds.
  let open: Span | undefined;
  let ahead: { readonly after: number; readonly span: Span } | undefined;
  return {
    at: (moment) => {
      if (open && open.from <= moment && moment < open.until) return open;
      const begun = timetable.last(1, moment).at(0);
      if (begun === undefined || begun + lastsMs <= moment) return undefined;
      open = grown(begun);
      return open;
    },
    next: (after) => {
      if (ahead && ahead.after <= after && after < ahead.span.from) return ahead.span;
      const span = beginning(after);
      // What begins within a stretch that is open belongs to that.
      const found = span && span.from <= after ? beginning(span.until) : span;
      if (found) ahead = { after, span: found };
      return found;
    },
  };
}

/** Whether the stretches follow so closely that it would be open for ever. */
export function neverCloses(timetable: Timetable, lastsMs: number, from: number): boolean {
  // Mostly a few tell it; all of them take a while.
  return [3, mostInARow].every((count) => {
    const begins = timetable.next(count, from);
    return begins.length === count && begins.every((begin, at) => at === 0 || begin - (begins[at - 1] ?? 0) <= lastsMs);
  });
}
