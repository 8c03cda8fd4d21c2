import type { CallRecord, HypervisorTask, Job, StopAnswer } from '../drivers/job.ts';
import { VirtflowError } from '../model/errors.ts';
import { taskStopped } from './facts.ts';
import type { Ledger } from './ledger.ts';
import type { LiveOperation } from './live-operation.ts';
import type { Operation } from './operation.ts';
import { Throttle } from './throttle.ts';

type Beginning = Partial<Operation> & Pick<Operation, 'state'>;

/** What a running operation lends to its driver; closed when the run is over. */
export class Permit implements Job {
  readonly operation: string;
  readonly mode: Job['mode'];
  readonly signal: AbortSignal;
  readonly #live: LiveOperation;
  readonly #ledger: Ledger;
  readonly #news: Throttle;
  /** That it runs, until that is on disk. */
  #beginning: Beginning | undefined;
  #turn: NodeJS.Immediate | undefined;
  #answersToRecord = false;
  #closed = false;

  constructor(live: LiveOperation, ledger: Ledger, newsEveryMs: number) {
    this.operation = live.id;
    this.mode = live.operation.mode ?? 'run';
    this.signal = live.signal;
    this.#live = live;
    this.#ledger = ledger;
    this.#news = new Throttle(newsEveryMs, () => this.#tell());
  }

  /** It runs: that goes to disk with the first changing call, for which it has to be there, or when none leaves at once. */
  begin(change: Beginning): void {
    this.#beginning = change;
    this.#turn = setImmediate(() => this.#begun());
  }

  progress(ratio: number, step?: string): void {
    if (this.#closed || Number.isNaN(ratio)) return;
    this.#begun();
    const { operation } = this.#live;
    const progress = Math.max(operation.progress, Math.min(ratio, 1));
    this.#live.operation = { ...operation, progress, step: step ?? operation.step };
    this.#news.offer();
  }

  follow(task: HypervisorTask): void {
    if (this.#closed) return;
    this.#begun();
    this.#ledger.record(this.#live, { task });
  }

  sending(name: string): void {
    if (this.#closed) throw new VirtflowError('CHANGE_OUTSIDE_OPERATION', { call: name });
    const sent = [...this.#live.operation.sent, { name, at: Date.now() }];
    this.#ledger.record(this.#live, { ...this.#beginning, sent }, this.#beginning && 'started');
    this.#hasBegun();
  }

  called(call: CallRecord): void {
    if (this.#closed) return;
    this.#begun();
    const { operation } = this.#live;
    this.#live.operation = { ...operation, calls: [...operation.calls, call] };
    if (operation.sent.some(({ name }) => name === call.name)) this.#answersToRecord = true;
    this.#news.later();
  }

  stopped(answer: StopAnswer): void {
    if (!this.#closed) this.#live.explain(taskStopped(answer));
  }

  /** The run is over: what it still says is not heard, and what it still sends is refused. */
  close(): void {
    this.#begun();
    this.#closed = true;
    this.#news.stop();
  }

  #begun(): void {
    if (!this.#beginning) return;
    this.#ledger.note(this.#live, this.#beginning, 'started');
    this.#hasBegun();
  }

  #hasBegun(): void {
    clearImmediate(this.#turn);
    this.#beginning = undefined;
  }

  /** Answers of the hypervisor go to disk here, for settling reads them; progress alone is not worth a write. */
  #tell(): void {
    if (this.#answersToRecord) this.#recordAnswers();
    this.#ledger.events.publish({ type: 'progress', operation: this.#live.operation });
  }

  #recordAnswers(): void {
    try {
      this.#ledger.record(this.#live, {});
      this.#answersToRecord = false;
    } catch {
      // The disk is full: the next news or the end brings them.
    }
  }
}
