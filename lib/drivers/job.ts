/** One call of the wire protocol that was made for a job. */
export interface CallRecord {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tookMs: number;
  /** The hypervisor's error, as it said it. */
  readonly error?: string;
}

/** A task or job of the hypervisor's own that can be looked up again after virtflow was restarted. */
export interface HypervisorTask {
  readonly id: string;
  readonly type: string;
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
}
