import { VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import type { Log } from '../model/log.ts';
import type { Journal } from '../store/store.ts';
import type { Confidence } from './confidential.ts';
import { type Ending, recordOf } from './ending.ts';
import { interruptedBy } from './facts.ts';
import type { LiveOperation } from './live-operation.ts';
import type { Operation, OperationEvent } from './operation.ts';
import type { Parameters } from './parameters.ts';
import { SharedCommit } from './shared-commit.ts';
import { pause } from './waiting.ts';

const retryMs = 1000;

/** The journal and those who listen: nothing is told before it is on disk. */
export class Ledger {
  readonly events = new Feed<OperationEvent>();
  readonly #journal: Journal;
  readonly #log: Log;
  readonly #confidence: Confidence;
  readonly #commit: SharedCommit;
  readonly #stopped = new AbortController();

  constructor(journal: Journal, log: Log, confidence: Confidence) {
    this.#journal = journal;
    this.#commit = new SharedCommit((work) => journal.together(work));
    this.#log = log;
    this.#confidence = confidence;
  }

  /** Records a new operation, or answers the one that its key started before. @throws STORE_* */
  async insert(
    operation: Operation,
    idempotencyKey: string | undefined,
    confidential?: Parameters,
  ): Promise<Operation> {
    // First: what is recorded as queued can be done after a restart. What nobody recorded is forgotten at the next start.
    if (confidential) this.#confidence.keep(operation.id, confidential);
    const insert = () => this.#journal.insert(operation, idempotencyKey);
    return this.#commit.soon(insert, (recorded) => {
      if (recorded === operation) this.events.publish({ type: 'queued', operation });
      else if (confidential) this.#forget(operation.id);
    });
  }

  /** Records what was never begun, and tells it. @throws STORE_* */
  refused(operation: Operation): void {
    this.#commit.now(
      () => this.#journal.insert(operation),
      () => this.events.publish({ type: 'ended', operation }),
    );
  }

  /** Records more about what has ended. @throws STORE_* */
  amend(operation: Operation): void {
    this.#journal.update(operation);
  }

  /** Records a change and tells it, if there is something to tell. @throws STORE_* and then nothing has changed */
  record(live: LiveOperation, change: Partial<Operation>, type?: OperationEvent['type']): void {
    if (live.abandoned) return;
    const operation = { ...live.operation, ...change };
    this.#commit.now(
      () => this.#journal.update(operation),
      () => this.#recorded(live, operation, type),
    );
  }

  /** What waits to be written is on disk when it returns, or has failed. */
  flush(): void {
    this.#commit.flush();
  }

  /**
   * Records that only the hypervisor knows how it ended. To the next start `running` on disk means the same, so a disk
   * that is full does not matter.
   */
  interrupt(live: LiveOperation, cause: string): void {
    this.note(live, { state: 'interrupted', why: [...live.operation.why, interruptedBy(cause)] }, 'interrupted');
  }

  /** Records and tells a state that the next start would find out by itself; a full disk does not matter. */
  note(live: LiveOperation, change: Partial<Operation> & Pick<Operation, 'state'>, type: OperationEvent['type']): void {
    try {
      this.record(live, change, type);
    } catch (error) {
      this.#log.warn(`Operation ${live.id} could not be recorded as ${change.state}: ${String(error)}`);
      live.operation = { ...live.operation, ...change };
    }
  }

  /**
   * Records the end, whatever it takes: while the disk is full, the operation has happened but nobody is told. A
   * process that dies meanwhile asks the hypervisor at its next start.
   */
  async end(live: LiveOperation, ending: Ending): Promise<void> {
    const type = live.operation.state === 'interrupted' ? 'settled' : 'ended';
    for (let attempt = 0; !live.abandoned && !this.#stopped.signal.aborted; attempt += 1) {
      try {
        const operation = { ...live.operation, ...closing(live.operation, ending), endedAt: Date.now() };
        const end = () => this.#journal.update(operation);
        return await this.#commit.soon(end, () => {
          this.#recorded(live, operation, type);
          if (live.hides) this.#forget(live.id);
          live.ended();
        });
      } catch (error) {
        if (attempt === 0) this.#log.error(`The end of operation ${live.id} waits to be recorded: ${String(error)}`);
        await pause(retryMs, this.#stopped.signal).catch(() => undefined);
      }
    }
  }

  /** Tells of what others do; it is recorded once it has ended, for it is theirs to take up again. */
  witness(operation: Operation, type: OperationEvent['type']): void {
    try {
      if (type === 'ended') this.#journal.insert(operation);
    } catch (error) {
      this.#log.warn(`The end of ${operation.action} of ${operation.targetName} is not recorded: ${String(error)}`);
    }
    this.events.publish({ type, operation });
  }

  #recorded(live: LiveOperation, operation: Operation, type: OperationEvent['type'] | undefined): void {
    live.operation = operation;
    if (type) this.events.publish({ type, operation });
  }

  #forget(id: string): void {
    try {
      this.#confidence.forget(id);
    } catch (error) {
      this.#log.warn(`What was kept for operation ${id} stays until the next start: ${String(error)}`);
    }
  }

  stop(): void {
    this.#commit.flush();
    this.#stopped.abort(new VirtflowError('STOPPING'));
  }
}

function closing(operation: Operation, ending: Ending): Partial<Operation> {
  const { state, result = null, error, why = [] } = ending;
  return {
    state,
    result,
    error: error ? recordOf(error) : null,
    why: [...operation.why, ...why],
    step: null,
    progress: state === 'succeeded' || state === 'partial' || state === 'planned' ? 1 : operation.progress,
  };
}
