/** One step of a run: a message came to a node, or a node failed with one. */
export interface RunStep {
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: 'received' | 'failed';
  readonly node: string;
  /** The tab or subflow that the node stands on. */
  readonly flow: string | null;
  /** The node that sent it, and from which output; null when nobody did: a trigger, a Catch node, a restart. */
  readonly from: string | null;
  readonly port: number | null;
  /** The delivery of an action node that the message came from, last. */
  readonly delivery: string | null;
  /** As it came; secrets are masked. Of a failure, what the error says. */
  readonly message: unknown;
  /** The paths of what is masked or left out of it. */
  readonly altered: readonly string[];
}

export interface RecordedStep extends RunStep {
  /** Counts up over all runs, in the order of what happened. */
  readonly id: number;
}

export interface RunSummary {
  readonly id: string;
  /** Where it began. */
  readonly flow: string | null;
  readonly node: string;
  readonly startedAt: number;
  readonly lastAt: number;
  readonly steps: number;
  readonly failures: number;
}
