import { endStates, type OperationEvent } from '../../lib/operations/operation.ts';

interface Open {
  readonly run: string;
  /** Operations of it that have not ended. */
  readonly operations: Set<string>;
  readonly end: () => void;
  quiet: NodeJS.Timeout | undefined;
}

/** Between two operations a flow may think for a while. */
const quietMs = 5_000;

/**
 * Runs of a schedule that go on in a flow: each ends when its message comes back, when its operations have ended and no
 * other follows, or after a time.
 */
export class Runs {
  readonly #longestMs: number;
  readonly #open = new Map<number, Open>();

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  /** Resolves once the run of a slot has ended. */
  ended(slot: number, run: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(limit);
        signal.removeEventListener('abort', end);
        clearTimeout(this.#open.get(slot)?.quiet);
        this.#open.delete(slot);
        resolve();
      };
      const limit = setTimeout(end, this.#longestMs);
      this.#open.set(slot, { run, operations: new Set(), end, quiet: undefined });
      signal.addEventListener('abort', end, { once: true });
    });
  }

  /** The message of a slot came back. One that is not waited for, is of a run that ended before. */
  end(slot: number): void {
    this.#open.get(slot)?.end();
  }

  follow({ operation }: OperationEvent): void {
    const { run } = operation.origin;
    const open = [...this.#open.values()].find((one) => one.run === run);
    if (!open) return;
    clearTimeout(open.quiet);
    if (!endStates.has(operation.state)) open.operations.add(operation.id);
    else open.operations.delete(operation.id);
    if (open.operations.size === 0) open.quiet = setTimeout(open.end, quietMs);
  }
}
