import { VirtflowError } from '../model/errors.ts';

/** One call of the wire protocol that was made for a job. */
export interface CallRecord {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tookMs: number;
  /** The hypervisor's error, as it said it. */
  readonly error?: string;
  /** Nobody waited for its answer any more. */
  readonly abandoned?: true;
}

/** A task or job of the hypervisor's own that can be looked up again after virtflow was restarted. */
export interface HypervisorTask {
  readonly id: string;
  readonly type: string;
  /**
   * When it was asked for, in milliseconds since the epoch, where the hypervisor gives the same id to one task after
   * the other: libvirt's jobs are known by their domain alone.
   */
  readonly since?: number;
}

/** What the hypervisor answered when it was told to stop its own task. */
export interface StopAnswer {
  readonly call: string;
  readonly tookMs: number;
  /** The hypervisor's words, where it did not stop it. */
  readonly refused?: string;
}

/**
 * What an operation lends to the driver while it runs: the permit for changing calls, the way to stop, and the record
 * of what was done. The gate lets a changing call through only with a job in mode `run`.
 */
export interface Job {
  readonly operation: string;
  readonly mode: 'run' | 'plan';
  readonly signal: AbortSignal;
  /** `ratio` from 0 to 1; it never goes back. */
  progress(ratio: number, step?: string): void;
  /** Records the hypervisor's own task on disk, so that it can be followed after a restart. */
  follow(task: HypervisorTask): void;
  /**
   * The gate says this of each changing call before a byte leaves: it is recorded on disk, so that after a crash it is
   * known what the hypervisor may have been told. @throws STORE_FULL, and then the call is not made
   */
  sending(call: string): void;
  called(call: CallRecord): void;
  /** The job was stopped, and the hypervisor was told to stop its task: what it answered, for people to read. */
  stopped(answer: StopAnswer): void;
}

/**
 * Whether a stopped job is to be stopped at the hypervisor too. Not when virtflow itself stops: then the task goes on,
 * and is followed again at the next start.
 */
export function stopsAtHypervisor({ signal }: Pick<Job, 'signal'>): boolean {
  return signal.aborted && !(signal.reason instanceof VirtflowError && signal.reason.code === 'STOPPING');
}

/**
 * For calls that go on when their job is stopped: one whose answer tells what became of the stop, and the call that
 * stops the hypervisor's own task, for the gate lets nothing else of a stopped job through. They are not announced as
 * sent: the first was announced before, and the second changes nothing that would have to be settled.
 */
export function lasting(job: Job): Job {
  return {
    operation: job.operation,
    mode: job.mode,
    signal: new AbortController().signal,
    progress: (ratio, step) => job.progress(ratio, step),
    follow: (task) => job.follow(task),
    sending: () => {},
    called: (call) => job.called(call),
    stopped: (answer) => job.stopped(answer),
  };
}
