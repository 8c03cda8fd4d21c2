import type { RuleLevel } from '../levels.ts';
import type { Memory } from '../memory.ts';
import type { Step } from '../meter.ts';

/** Reads for how many seconds something has been going on; a reading comes by itself when a level is reached. */
export class Stopwatch {
  readonly #marks: readonly number[];

  constructor(levels: readonly RuleLevel[]) {
    this.#marks = levels.map(({ threshold }) => threshold * 1000);
  }

  /** It has been going on since `since`; null when it does not. */
  read(since: number | null, at: number): Step {
    const memory: Memory = { kind: 'stopwatch', since, readAt: at };
    return { memory, reading: since === null ? 0 : (at - since) / 1000 };
  }

  due(memory: Memory): number {
    const since = sinceOf(memory);
    if (since === null || memory?.kind !== 'stopwatch') return Number.POSITIVE_INFINITY;
    let due = Number.POSITIVE_INFINITY;
    for (const mark of this.#marks) if (since + mark > memory.readAt) due = Math.min(due, since + mark);
    return due;
  }
}

export function sinceOf(memory: Memory): number | null {
  return memory?.kind === 'stopwatch' ? memory.since : null;
}

export function shifted(memory: Memory, moved: (moment: number) => number): Memory {
  if (memory?.kind !== 'stopwatch') return memory;
  const since = memory.since === null ? null : moved(memory.since);
  return { ...memory, since, readAt: moved(memory.readAt) };
}
