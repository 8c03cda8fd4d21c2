import type { VirtflowError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { ObjectRef } from '../model/reference.ts';
import { recordOf } from './ending.ts';
import type { Ledger } from './ledger.ts';
import type { Fact, Operation, OperationRequest } from './operation.ts';
import { unbegun } from './unbegun.ts';

/** The same refusal is recorded anew after this time; until then it is only counted. */
const sameForMs = 60_000;
const rememberedAtMost = 1_000;
/** What cannot be read or found is told to whoever asked; nothing was decided about it. */
const isUnreadable: ReadonlySet<string> = new Set([
  'ACTION_UNKNOWN',
  'TARGET_INVALID',
  'PARAMETER_INVALID',
  'OBJECT_UNKNOWN',
  'CONNECTION_UNKNOWN',
  'STOPPING',
  'INTERNAL',
]);

interface Known {
  readonly until: number;
  operation: Operation;
}

/**
 * What was asked for and never begun, in the history with its reasons: "why did it not run" has an answer. Whoever asks
 * for the same again and again, in vain, is counted and does not fill the disk.
 */
export class Refusals {
  readonly #ledger: Ledger;
  readonly #nameOf: (ref: ObjectRef) => string | undefined;
  readonly #log: Log;
  readonly #known = new Map<string, Known>();

  constructor(ledger: Ledger, nameOf: (ref: ObjectRef) => string | undefined, log: Log) {
    this.#ledger = ledger;
    this.#nameOf = nameOf;
    this.#log = log;
  }

  /** Records a refusal as an operation that ended as `refused`. @throws STORE_* */
  record(request: OperationRequest, error: VirtflowError): Operation {
    const operation = refused(request, error, this.#name(request));
    this.#ledger.refused(operation);
    return operation;
  }

  /** The same, unless it was just recorded: then it is counted. What cannot be recorded is refused all the same. */
  note(request: OperationRequest, error: VirtflowError): void {
    if (request.mode === 'plan' || isUnreadable.has(error.code)) return;
    // Each message of a flow is a run of its own: what differs is not who asks.
    const { run: _, delivery: __, ...asker } = request.origin;
    const key = JSON.stringify([request.action, request.target, error.code, asker, request.mode]);
    try {
      const known = this.#known.get(key);
      if (known && known.until > Date.now()) this.#count(known);
      else this.#remember(key, this.record(request, error));
    } catch (thrown) {
      this.#log.warn(`A refusal could not be recorded: ${String(thrown)}`);
    }
  }

  #count(known: Known): void {
    const times = Number(known.operation.result?.times ?? 1) + 1;
    known.operation = { ...known.operation, result: { times, latestAt: Date.now() } };
    // A number that is a power of two is written: few writes, and never off by more than half.
    if ((times & (times - 1)) === 0) this.#ledger.amend(known.operation);
  }

  #remember(key: string, operation: Operation): void {
    this.#known.delete(key);
    this.#known.set(key, { until: Date.now() + sameForMs, operation });
    const [oldest] = this.#known.keys();
    if (this.#known.size > rememberedAtMost && oldest !== undefined) this.#known.delete(oldest);
  }

  #name({ target }: OperationRequest): string {
    if (target.kind === 'connection') return target.connection;
    return this.#nameOf(target) ?? target.id;
  }
}

function refused(request: OperationRequest, error: VirtflowError, targetName: string): Operation {
  const { action, target } = request;
  const why: unknown = error.details.why;
  const asked = unbegun(request);
  return {
    ...asked,
    action,
    target,
    targetName,
    parameters: {},
    state: 'refused',
    endedAt: asked.queuedAt,
    timeoutSeconds: 0,
    error: recordOf(error),
    why: Array.isArray(why) ? why.filter(isFact) : [],
  };
}

function isFact(value: unknown): value is Fact {
  return typeof value === 'object' && value !== null && 'rule' in value && 'says' in value;
}
