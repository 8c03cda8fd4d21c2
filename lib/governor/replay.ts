import type { Danger } from '../actions/action.ts';
import { endStates, type Operation, type OperationEvent } from '../operations/operation.ts';
import type { Journal } from '../store/store.ts';
import type { Step } from './rule-book.ts';
import { countedRule } from './sentences.ts';
import type { Timeline } from './timeline.ts';
import { type Use, useOf } from './use.ts';

const pageSize = 1_000;

/** Operations that changed within the reach, or have not ended. @throws STORE_* */
export function* operationsSince(journal: Journal, changedSince: number): Generator<Operation> {
  for (let page = journal.history({ changedSince, limit: pageSize }); ; ) {
    yield* page;
    const after = page.at(-1);
    if (!after || page.length < pageSize) return;
    page = journal.history({ changedSince, limit: pageSize, after });
  }
}

/** What an operation of the journal was counted by; the selectors that it matched stand in it. */
export function recordedUse(operation: Operation, danger: Danger): Use {
  const counted = operation.why.find(({ rule }) => rule === countedRule);
  const selectors: readonly unknown[] = Array.isArray(counted?.selectors) ? counted.selectors : [];
  return useOf(operation, danger, new Set(selectors.filter((text) => typeof text === 'string')));
}

/** The steps of an operation until now, each at its time. */
export function stepsOf(operation: Operation, use: Use, line: Timeline): readonly Step[] {
  const { queuedAt, startedAt, endedAt, state } = operation;
  const steps: Step[] = [{ type: 'submitted', use, at: line.at(queuedAt) }];
  if (state === 'queued') steps.push({ type: 'lined-up', use, at: line.at(queuedAt) });
  if (startedAt !== null) steps.push({ type: 'let', use, at: line.at(startedAt) });
  if (endStates.has(state) && endedAt !== null) steps.push(endOf(operation, use, line.at(endedAt)));
  return steps;
}

/** What an event of an operation is counted as; undefined for those that change nothing. */
export function stepOf(type: OperationEvent['type'], operation: Operation, use: Use, at: number): Step | undefined {
  switch (type) {
    case 'queued':
    case 'released':
      return { type: 'lined-up', use, at };
    case 'waiting':
      return { type: 'held', use, at };
    case 'ended':
    case 'settled':
      return endOf(operation, use, at);
    default:
      return undefined;
  }
}

/** How an operation that ended is counted: one that never began gives back what it had. */
function endOf({ startedAt, state }: Operation, use: Use, at: number): Step {
  return { type: 'ended', use, at, began: startedAt !== null, failed: state === 'failed' || state === 'partial' };
}
