import type { AnyAction } from '../actions/action.ts';
import type { AnyObject } from '../model/objects.ts';
import type { Fact, Operation } from './operation.ts';
import type { FreshTarget } from './world.ts';

/**
 * An operation that wants to go on, as a guard sees it. It is `asked` before it is recorded and whenever it was kept
 * waiting, then once more at its `turn`, right before it runs; `plan` only wants to know.
 */
export interface Candidate {
  readonly moment: 'asked' | 'turn' | 'plan';
  readonly operation: Operation;
  readonly action: AnyAction;
  /** With those that the record does not show. */
  readonly parameters: Operation['parameters'];
  /** As the hypervisor has it; undefined while that cannot be told. */
  readonly target: FreshTarget | undefined;
  /** The other objects of its connection, as the inventory has them. */
  readonly others: () => readonly AnyObject[];
}

/** Something to wait for before an operation may line up. */
export interface Hold {
  readonly why: Fact;
  /** Resolves once it may go on; rejects with why it will not run, or with the signal's reason. */
  over(signal: AbortSignal): Promise<void>;
}

/** What a guard lets through, on which facts; with a hold, not yet. */
export interface Passage {
  readonly why: readonly Fact[];
  readonly hold?: Hold;
}

/**
 * Stands between what is asked for and the hypervisor, for whoever asks and outside all flows: approvals, the governor,
 * maintenance windows. Guards are asked in their order, and the first that holds or refuses ends the round; the last
 * one at a turn may therefore count what it lets through.
 */
export interface Guard {
  /** @throws why it may not be done; before it was recorded nobody will have heard of it, later it fails with that */
  pass(candidate: Candidate): Promise<Passage> | Passage;
  /** One that was let through when it was asked for did not come to the journal: it has never been. */
  withdrawn?(operation: Operation): void;
}

/** Several guards as one. */
export async function passAll(guards: readonly Guard[], candidate: Candidate): Promise<Passage> {
  const why: Fact[] = [];
  for (const guard of guards) {
    const passage = await guard.pass(candidate);
    why.push(...passage.why);
    if (passage.hold) return { why, hold: passage.hold };
  }
  return { why };
}
