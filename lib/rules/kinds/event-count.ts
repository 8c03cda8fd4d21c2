import { type Static, Type } from 'typebox';
import type { Memory } from '../memory.ts';
import { type Meter, rounded, type Step, stillMeter } from '../meter.ts';
import { span } from './figure.ts';
import { closed, common, levels } from './shared.ts';

export const EventCountRule = Type.Object(
  {
    ...common,
    kind: Type.Literal('event-count'),
    /** Types of events, `vm.crashed`; `vm.*` is all of them. */
    events: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    /** Why it happened; any reason when not given. */
    reason: Type.Optional(Type.String({ minLength: 1 })),
    windowSeconds: Type.Number({ minimum: 1, maximum: 31 * 86_400 }),
    /** Counted for each object, or all together. */
    over: Type.Union([Type.Literal('object'), Type.Literal('all')]),
    /** Thresholds are how many events there are in the window, at least. */
    levels,
  },
  closed,
);
export type EventCountRule = Static<typeof EventCountRule>;

/** More are not kept: the count stays at it. */
const momentsKept = 1_000;

/** Reads how many events of a kind there were within a time that ends now. */
export function eventCountMeter(rule: EventCountRule): Meter {
  const windowMs = rule.windowSeconds * 1000;
  const count = (all: readonly number[], at: number): Step => {
    const moments = all.filter((moment) => moment > at - windowMs).slice(-momentsKept);
    return { memory: { kind: 'moments', moments }, reading: moments.length };
  };
  const what = rule.events.join(' or ');
  return {
    ...stillMeter,
    take(memory, input) {
      if (input.type !== 'event' || !isCounted(rule, input.event, input.reason)) return { memory };
      return count([...momentsOf(memory), input.at], input.at);
    },
    due: (memory) => (momentsOf(memory)[0] ?? Number.POSITIVE_INFINITY) + windowMs,
    pass: (memory, at) => count(momentsOf(memory), at),
    shift: (memory, moved) => ({ kind: 'moments', moments: momentsOf(memory).map(moved) }),
    is: (value) => `${value ?? 0} times ${what} within ${span(rule.windowSeconds)}`,
    lack: `no events of ${what}`,
    figure: rounded,
    evidence(memory) {
      const { events, windowSeconds, over } = rule;
      return { events, windowSeconds, over, eventsAt: momentsOf(memory).slice(-10) };
    },
  };
}

function momentsOf(memory: Memory): readonly number[] {
  return memory?.kind === 'moments' ? memory.moments : [];
}

/** Whether an event is one of those that a rule counts. */
export function isCounted(rule: EventCountRule, event: string, reason: string | null): boolean {
  if (rule.reason !== undefined && rule.reason !== reason) return false;
  return rule.events.some((one) => (one.endsWith('*') ? event.startsWith(one.slice(0, -1)) : one === event));
}
