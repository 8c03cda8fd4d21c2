import type { Static, TObject, TProperties } from 'typebox';
import type { Capability } from '../drivers/capability.ts';
import type { HypervisorConnection } from '../drivers/driver.ts';
import type { Job } from '../drivers/job.ts';
import type { VmArea } from '../drivers/vms.ts';
import type { AnyObject, ObjectOf } from '../model/objects.ts';

/** What an action works on: an object of the inventory, or a connection (to make something new on it). */
export type TargetKind = 'vm' | 'host' | 'storage-pool' | 'network' | 'connection';
export type Role = 'viewer' | 'operator' | 'power-operator' | 'administrator';
/** `disruptive` stops what a guest does; `destructive` loses data. */
export type Danger = 'none' | 'disruptive' | 'destructive';

export type TargetOf<T extends TargetKind> = T extends 'connection' ? null : ObjectOf<Exclude<T, 'connection'>>;

/** What `check` and `done` may look at. `target` is fresh from the hypervisor. */
export interface Situation<T extends TargetKind, P> {
  readonly target: TargetOf<T>;
  readonly parameters: P;
}

/** What `plan` may look at. */
export interface PlanSituation<T extends TargetKind, P> extends Situation<T, P> {
  /** Other objects of the connection, as the inventory has them. */
  readonly others: readonly AnyObject[];
}

/** One thing that would be different afterwards; null: there is none. */
export interface PlannedChange {
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What `holds` works with. */
export interface Inquiry<T extends TargetKind, P> extends Situation<T, P> {
  readonly connection: HypervisorConnection;
  /** The operation that is asked about. */
  readonly operation: string;
}

/** The driver's methods that change a VM or its tasks. */
export type ChangingCall = Exclude<keyof VmArea, 'get' | 'definition' | 'snapshots'> | 'tasks.cancel' | 'raw.call';

/** What an action would do. */
export interface Intention {
  readonly changes: readonly PlannedChange[];
  /** What it would begin with, in order; what comes after depends on the hypervisor and the guest. */
  readonly calls: readonly ChangingCall[];
  /** A sentence on what may be lost or stopped, where `danger` alone says too little. */
  readonly risk?: string;
}

/** What brings the state before back, or why nothing does. */
export type Undo =
  | { readonly action: string; readonly parameters?: Readonly<Record<string, unknown>> }
  | { readonly none: string };

/** What `run` works with. */
export interface Run<T extends TargetKind, P> extends Situation<T, P> {
  readonly connection: HypervisorConnection;
  readonly job: Job;
  /**
   * Resolves with the target as soon as the inventory shows it so; `undefined` means it is gone.
   * Resolves false after `timeoutMs`; rejects when the job is cancelled or the connection goes down for good.
   */
  until(condition: (target: TargetOf<T> | undefined) => boolean, timeoutMs: number): Promise<boolean>;
  /** Other objects of the connection, as the inventory has them. */
  others(): readonly AnyObject[];
}

/**
 * An action, declared once. Its palette node, form, help, MQTT command, REST route, role and plan text are derived
 * from this.
 */
export interface ActionDeclaration<T extends TargetKind = TargetKind, P extends TProperties = TProperties> {
  /** `kind.verb`, never renamed: flows and topics hold it. */
  readonly id: string;
  readonly target: T;
  readonly role: Role;
  readonly danger: Danger;
  /** English; other languages stand in `nodes/locales`. */
  readonly label: string;
  readonly summary: string;
  readonly icon: string;
  /** Every property carries `title`, `description`, `default`; time spans are whole seconds with `Seconds` in the name. */
  readonly parameters: TObject<P>;
  readonly needs: readonly Capability[];
  /** How long it may take when neither node nor message says so. */
  readonly timeoutSeconds: number;
  /** Refuses before any effect. @throws STATE_FORBIDS, DISK_IN_USE … */
  readonly check?: (situation: Situation<T, Static<TObject<P>>>) => void;
  /**
   * Whether what is wanted holds already: then nothing is sent, and the operation succeeds as a no-op. It settles an
   * interrupted operation as well. Without it the outcome of an interruption can only be read from the call record.
   */
  readonly done?: (situation: Situation<T, Static<TObject<P>>>) => boolean;
  /**
   * In the place of `done` for what the target does not show, such as its snapshots: asks the hypervisor whether what
   * was wanted holds. It settles an interrupted operation; it may only read.
   */
  readonly holds?: (inquiry: Inquiry<T, Static<TObject<P>>>) => Promise<boolean>;
  /** Whether the target still exists when all went well; a deletion says true here. */
  readonly removesTarget?: boolean;
  /**
   * Whether a target that is gone proves that all was done: a transient VM vanishes when it stops; a deletion that goes
   * on with disks proves nothing by it. When it is not given: `removesTarget`.
   */
  readonly goneIsDone?: (parameters: Static<TObject<P>>) => boolean;
  /** What it would do to a target on which it is not done and may be done; pure. */
  readonly plan?: (situation: PlanSituation<T, Static<TObject<P>>>) => Intention;
  /** How to take it back, told beforehand; pure. */
  readonly undo?: (situation: Situation<T, Static<TObject<P>>>) => Undo;
  readonly run: (run: Run<T, Static<TObject<P>>>) => Promise<ActionResult>;
}

/** Data for `msg.payload`. `warnings` and `failures` make the outcome `partial` when some parts failed. */
export interface ActionResult {
  readonly [key: string]: unknown;
}

/** An action of any kind; the operations engine checks parameters and target against the declaration before `run`. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where differently typed declarations are kept side by side
export type AnyAction = ActionDeclaration<any, any>;

export function action<T extends TargetKind, P extends TProperties>(
  declaration: ActionDeclaration<T, P>,
): ActionDeclaration<T, P> {
  return declaration;
}
