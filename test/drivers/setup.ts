import type { ConnectionSettings, Driver } from '../../lib/drivers/driver.ts';

/** What a driver brings to be held to the contract. */
export interface ContractSetup {
  readonly driver: Driver;
  readonly settings: ConnectionSettings;
  /** URIs that cannot work, whatever hypervisors there are. */
  readonly badUris: readonly string[];
  /** How long a guest may take to boot or to go down, and a connection to come back; 30 s when it is not given. */
  readonly deadlineMs?: number;
  /** Whether a guest can be asked to go down: libvirt's test driver has none that would. */
  readonly guestsListen?: boolean;
  /** Makes a VM for one test, past the driver: defined and halted. Answers its id. */
  freshVm(): Promise<string>;
  /** Takes a fresh VM away, past the driver, whatever became of it; it may be gone already. */
  discardVm(id: string): Promise<void>;
  /** Begins a task on a VM that runs, past the driver; it lasts until it is cancelled. None: the hypervisor has none. */
  beginTask?(id: string): Promise<void>;
  /** A definition, in the hypervisor's own language, of a VM that does not exist yet. */
  definition(name: string): string;
  /** Breaks the connection of `settings` from the far side, so that it can be made again at once. */
  breakConnection(): Promise<void>;
  /** Settings that lead to where nobody listens, until `mend`. */
  readonly unreachable?: { readonly settings: ConnectionSettings; mend(): Promise<void> };
  /** How many changing calls have left so far, counted below the driver. */
  changesSent?(): number;
  /** Ends whatever was made. */
  tearDown(): Promise<void>;
}
