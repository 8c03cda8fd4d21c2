import type { SlotReason } from '../store/store.ts';
import type { Held } from './plan.ts';

/** Why a slot did not run, or why one ran that was not due: a sentence, and what it tells for other languages. */
export const reasons = {
  overlap: { why: 'An earlier run still went on.', facts: { kind: 'overlap' } },
  replaced: { why: 'A later slot took its place.', facts: { kind: 'replaced' } },
  disabled: { why: 'The schedule was disabled.', facts: { kind: 'disabled' } },
  missed: {
    why: 'Nobody could start it in its time: virtflow did not run, or the clock was put forward.',
    facts: { kind: 'missed' },
  },
} as const satisfies Record<string, SlotReason>;

export function heldBy({ says, by }: Held): SlotReason {
  return { why: says, ...(by && { facts: { ...by } }) };
}

export function askedBy(by: string): SlotReason {
  return { why: `${by} had it run.`, facts: { kind: 'asked', by } };
}

export function afterWindow(name: string): SlotReason {
  return { why: `The window "${name}" has ended.`, facts: { kind: 'ended', name } };
}
