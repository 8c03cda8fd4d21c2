import type { ErrorRecord } from '../model/errors.ts';
import type { HypervisorEvent } from '../model/event.ts';
import type { AnyObject } from '../model/objects.ts';
import type { Reading } from '../model/reading.ts';
import type { ObjectRef } from '../model/reference.ts';
import type { Capability } from './capability.ts';
import type { RawArea } from './raw.ts';
import type { TaskArea, TaskRecord } from './tasks.ts';
import type { VmArea } from './vms.ts';

/** A kind of hypervisor that virtflow can talk to. Plugins register one under its id. */
export interface Driver {
  readonly id: string;
  readonly label: string;
  /** Refuses settings that cannot work, before anything is opened. @throws CONNECTION_SETTINGS_INVALID */
  check(settings: ConnectionSettings): void;
  /** Makes a connection that does nothing until it is started. @throws CONNECTION_SETTINGS_INVALID */
  connect(settings: ConnectionSettings, observer: ConnectionObserver): HypervisorConnection;
  /** Connects once, tells what is there, and leaves: the test button. @throws CONNECTION_* , PROTOCOL_VIOLATION */
  probe(settings: ConnectionSettings, signal: AbortSignal): Promise<ProbeReport>;
}

export interface ConnectionSettings {
  /** Unique name; it stands in references, topics and tags, so it holds no slash. */
  readonly name: string;
  readonly driver: string;
  /** libvirt: qemu+unix:///system, qemu+tcp://host/system, test+tcp://…; simulator: simulator:///?hosts=3&vms=12. */
  readonly uri: string;
  readonly username?: string;
  readonly password?: string;
}

export interface ProbeReport {
  readonly hypervisor: string;
  readonly version: string;
  readonly host: string;
  readonly vms: number;
}

export type ConnectionState =
  | { readonly phase: 'stopped' }
  | { readonly phase: 'connecting'; readonly attempt: number }
  | { readonly phase: 'connected'; readonly since: number }
  | { readonly phase: 'waiting'; readonly error: ErrorRecord; readonly retryAt: number };

/** A change of what exists. `reset` replaces all that is known of the connection: after connecting and reconnecting. */
export type InventoryChange =
  | { readonly type: 'reset'; readonly objects: readonly AnyObject[] }
  | { readonly type: 'put'; readonly object: AnyObject }
  | { readonly type: 'delete'; readonly ref: ObjectRef };

/** Whom a connection tells. The inventory hears of a change before the event that brought it is told. */
export interface ConnectionObserver {
  state(state: ConnectionState): void;
  inventory(change: InventoryChange): void;
  event(event: HypervisorEvent): void;
  /** A task began, went on or ended, whoever began it. */
  task(record: TaskRecord): void;
}

/**
 * What is read in one go: cheap figures often, dear ones rarely (facts differ by driver; `cpu` waits for QEMU).
 * `filesystem` waits for agents in guests, each as long as it has patience with one, so it is best asked for alone.
 */
export const metricTiers = ['state', 'cpu', 'memory', 'disk', 'network', 'filesystem', 'host', 'storage'] as const;
export type MetricTier = (typeof metricTiers)[number];

/** A living connection to one hypervisor or pool: it reconnects by itself, with back-off, and resyncs. */
export interface HypervisorConnection {
  readonly name: string;
  readonly driver: string;
  readonly state: ConnectionState;
  /** Empty until first connected. */
  readonly capabilities: ReadonlySet<Capability>;
  readonly vms: VmArea;
  readonly tasks: TaskArea;
  /** Where the hypervisor's interface can be called by name: capability `api.call`. */
  readonly raw?: RawArea;
  start(): void;
  /** Resolves once connected; rejects when aborted or stopped. */
  connected(signal?: AbortSignal): Promise<void>;
  /** Closes all; stopping twice is fine. */
  stop(): Promise<void>;
  /**
   * Figures of hosts, VMs and storage pools in as few requests as the hypervisor allows. A guest that hangs is left
   * out of the answer, and does not delay it.
   * @throws CONNECTION_DOWN
   */
  sample(tiers: ReadonlySet<MetricTier>, signal: AbortSignal): Promise<readonly Reading[]>;
}
