import type { OperationState } from '../../operations/operation.ts';

/** What a shell sees of how operations ended; docs/cli.md lists them. */
const codes: Readonly<Partial<Record<OperationState, number>>> = {
  failed: 20,
  partial: 21,
  cancelled: 22,
  refused: 23,
};

/** As its operations did when they agree; in part when they do not. */
export function exitCodeOfStates(states: readonly OperationState[]): number {
  const [first = 0, ...others] = new Set(states.map((state) => codes[state] ?? 0));
  return others.length > 0 ? (codes.partial ?? 1) : first;
}
