/** What is asked of a Node-RED process. */
export type Request = Deploy | Pump | { readonly type: 'times' };

export interface Deploy {
  readonly type: 'deploy';
  readonly flows: readonly object[];
  /** To be waited for. */
  readonly connection?: string;
}

export interface Pump {
  readonly type: 'pump';
  readonly node: string;
  readonly messages: readonly object[];
  readonly inFlight: number;
}

export interface Answer {
  readonly ms?: number;
  /** Targets: connection/name. */
  readonly running?: readonly string[];
  /** CLOCK_MONOTONIC in ns, as text. */
  readonly times?: readonly string[];
  readonly error?: string;
}
