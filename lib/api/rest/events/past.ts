import { VirtflowError } from '../../../model/errors.ts';
import type { HistoryFilter, Operation } from '../../../operations/operation.ts';
import type { Waiting } from './backlog.ts';
import { operationFact, type StreamFact } from './fact.ts';

/** As many operations are told again at most. */
export const toldAgain = 1_000;
/** What was under way when the last event was told, and a clock that was set back a little. */
const overlapMs = 1_000;

/** The time of the event that a reader had last. @throws REQUEST_INVALID */
export function readEventId(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new VirtflowError('REQUEST_INVALID', { reason: 'its Last-Event-ID is not the id of an event' });
}

/**
 * What became of operations since then, the oldest first: each as it stands now. The id of an event is its time, so
 * this works over a restart as well. What was told before may come twice, and none is left out.
 */
export function pastSince(
  at: number | undefined,
  history: (filter: HistoryFilter) => readonly Operation[],
  isAskedFor: (fact: StreamFact) => boolean,
): { past: readonly Waiting[]; warning?: VirtflowError } {
  if (at === undefined) return { past: [] };
  const operations = history({ changedSince: at - overlapMs, limit: toldAgain });
  const facts = operations.map((operation) => operationFact({ type: 'state', operation })).filter(isAskedFor);
  // Until all of it is told, a reader that breaks off has to begin where this one did.
  const past = facts.reverse().map((fact) => ({ fact, at, coalesced: 0 }));
  if (operations.length < toldAgain) return { past };
  return { past, warning: new VirtflowError('EVENTS_TOO_OLD', { told: toldAgain }) };
}
