import { toVirtflowError, type VirtflowError } from '../model/errors.ts';
import { formatRef } from '../model/reference.ts';
import { type Fact, type Operation, objectOf } from './operation.ts';
import type { FreshTarget } from './world.ts';

/** An operation that has not ended, in this process. */
export class LiveOperation {
  /** As the journal has it, with the latest progress. */
  operation: Operation;
  /** As it was fetched when it was submitted; of no use once the operation had to wait. */
  target: FreshTarget | undefined;
  /** Whether it came to the journal: the disk may be full, and another may have come first under the same key. */
  recorded: Promise<boolean> = Promise.resolve(true);
  /** Found in the journal when virtflow started. */
  readonly recovered: boolean;
  /** Given up by a process that stops: what becomes of it is told at the next start. */
  abandoned = false;
  readonly #abort = new AbortController();
  readonly #end = Promise.withResolvers<Operation>();

  readonly #confidential: (() => Operation['parameters'] | undefined) | undefined;

  /** @param confidential what the record does not show of the parameters */
  constructor(operation: Operation, recovered = false, confidential?: () => Operation['parameters'] | undefined) {
    this.operation = operation;
    this.recovered = recovered;
    this.#confidential = confidential;
    // Whoever waits hears of it; with nobody waiting it is no defect.
    this.#end.promise.catch(() => undefined);
  }

  get id(): string {
    return this.operation.id;
  }

  /** Whether something may be kept of it that its record does not show. */
  get hides(): boolean {
    return this.#confidential !== undefined;
  }

  /** With all parameters: for what is done, and never for a record or for anybody to see. @throws SECRET_*, STORE_* */
  get whole(): Operation {
    const hidden = this.#confidential?.();
    return hidden ? { ...this.operation, parameters: { ...this.operation.parameters, ...hidden } } : this.operation;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Why it was asked to stop. */
  get stoppedBy(): VirtflowError | undefined {
    return this.signal.aborted ? toVirtflowError(this.signal.reason) : undefined;
  }

  /** Resolves with the ended operation, once that is on disk. */
  get end(): Promise<Operation> {
    return this.#end.promise;
  }

  /** What no other operation may change meanwhile; null when it works on nothing that exists yet. */
  get object(): string | null {
    return objectKey(this.operation.target);
  }

  explain(fact: Fact): void {
    this.operation = { ...this.operation, why: [...this.operation.why, fact] };
  }

  /** A fact that stands there already is not told again. */
  explainOnce(fact: Fact): void {
    if (!this.operation.why.some(({ rule, says }) => rule === fact.rule && says === fact.says)) this.explain(fact);
  }

  abort(reason: VirtflowError): void {
    this.#abort.abort(reason);
  }

  abandon(reason: VirtflowError): void {
    this.abandoned = true;
    this.#abort.abort(reason);
    this.#end.reject(reason);
  }

  ended(): void {
    this.#end.resolve(this.operation);
  }
}

export function objectKey(target: Operation['target']): string | null {
  const object = objectOf(target);
  return object && formatRef(object);
}
