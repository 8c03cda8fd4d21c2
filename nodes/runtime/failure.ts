import { type ErrorRecord, toVirtflowError, VirtflowError } from '../../lib/model/errors.ts';
import type { Operation } from '../../lib/operations/operation.ts';

/**
 * An error as Node-RED shows it: Catch nodes and the log print `toString()` and copy `code`, the debug sidebar shows
 * `message`. A stack would only be noise beside an error of the catalogue, so it goes; a defect keeps its own.
 */
export class NodeFailure extends Error {
  override readonly name = 'VirtflowError';
  readonly code: string;
  readonly record: ErrorRecord;
  /** Whether the node shows it beneath itself already, in words of its own. */
  shown = false;

  constructor(record: ErrorRecord, cause?: unknown) {
    super(`${record.message} ${record.advice}`, cause === undefined ? undefined : { cause });
    this.code = record.code;
    this.record = record;
    if (this.code !== 'INTERNAL') delete this.stack;
  }

  override toString(): string {
    return `${this.code}: ${this.message}`;
  }
}

/** Whatever was thrown, even something that throws when it is looked at. */
export function toFailure(thrown: unknown): NodeFailure {
  if (thrown instanceof NodeFailure) return thrown;
  try {
    const error = toVirtflowError(thrown);
    return new NodeFailure(error.toJSON(), error.cause);
  } catch {
    return new NodeFailure(new VirtflowError('INTERNAL', { reason: 'something that is no error was thrown' }).toJSON());
  }
}

/** Why an operation did not end as it should have. */
export function failureOf(operation: Operation): NodeFailure {
  if (operation.error) return new NodeFailure(operation.error);
  const reason = `the operation ended as ${operation.state} and does not say why`;
  return toFailure(new VirtflowError('INTERNAL', { reason }));
}

export function asShown(failure: NodeFailure): NodeFailure {
  failure.shown = true;
  return failure;
}
