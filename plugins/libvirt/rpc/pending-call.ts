import type { CallRecord, Job } from '../../../lib/drivers/job.ts';
import { RpcError } from './errors.ts';
import type { Procedure } from './procedure.ts';

export interface CallOptions {
  /** The operation that the call is made for: its permit to change things, its record, its signal. */
  readonly job?: Job | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for the reply, from when a connection has the call; for ever when left out. */
  readonly timeoutMs?: number | undefined;
}

export interface Settlement {
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

/** Sees a reply inside the frame handler, before anything else of the same read is looked at. */
export type ReplyHook = (reply: unknown, serial: number, abandoned: boolean) => void;

/** One call, from its admission to the answer, the abort or the deadline that settles it, whichever comes first. */
export class PendingCall {
  readonly procedure: Procedure;
  readonly args: unknown;
  readonly hook: ReplyHook | undefined;
  /** The caller has been told. A reply that still comes is dropped; until then the daemon is at work on it. */
  settled = false;
  readonly #settlement: Settlement;
  readonly #job: Job | undefined;
  readonly #signals: readonly AbortSignal[];
  readonly #at = Date.now();
  readonly #start = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    procedure: Procedure,
    args: unknown,
    options: CallOptions,
    settlement: Settlement,
    hook: ReplyHook | undefined,
  ) {
    this.procedure = procedure;
    this.args = args;
    this.hook = hook;
    this.#settlement = settlement;
    this.#job = options.job;
    this.#signals = signalsOf(options);
    for (const signal of this.#signals) signal.addEventListener('abort', this.#aborted);
    if (options.timeoutMs !== undefined) this.#timer = setTimeout(this.#expired, options.timeoutMs, options.timeoutMs);
  }

  fulfil(reply: unknown): void {
    if (this.#settle({})) this.#settlement.resolve(reply);
  }

  fail(error: unknown): void {
    const words = error instanceof Error ? error.message : String(error);
    if (this.#settle({ error: words })) this.#settlement.reject(error);
  }

  readonly #aborted = (event: Event): void => {
    const { reason } = event.target as AbortSignal;
    if (this.#settle({ abandoned: true })) this.#settlement.reject(reason);
  };

  readonly #expired = (timeoutMs: number): void => {
    this.fail(new RpcError('TIMEOUT', `${this.procedure.name} was not answered within ${timeoutMs} ms.`));
  };

  #settle(outcome: Pick<CallRecord, 'error' | 'abandoned'>): boolean {
    if (this.settled) return false;
    this.settled = true;
    clearTimeout(this.#timer);
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#aborted);
    this.#job?.called({
      name: this.procedure.name,
      at: this.#at,
      tookMs: performance.now() - this.#start,
      ...outcome,
    });
    return true;
  }
}

const NONE: readonly AbortSignal[] = [];

function signalsOf({ signal, job }: CallOptions): readonly AbortSignal[] {
  if (!signal && !job) return NONE;
  return [signal, job?.signal].filter((candidate) => candidate !== undefined);
}
