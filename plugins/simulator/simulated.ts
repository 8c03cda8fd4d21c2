import type { Disk, Nic, PowerState, Vm } from '../../lib/model/objects.ts';
import type { GoingDown } from './guest.ts';
import type { GuestTimer } from './guest-timer.ts';
import type { Role } from './roles.ts';
import type { Usage } from './usage.ts';
import type { TaskHandle } from './world-tasks.ts';

/** What stands in a world; connections tell of it under their own names. */
export type SimulatedObject = SimulatedPool | SimulatedHost | SimulatedVm | SimulatedStoragePool | SimulatedNetwork;

export interface SimulatedPool {
  readonly kind: 'pool';
  readonly id: string;
  readonly name: string;
  readonly coordinator: string | null;
}

export interface SimulatedHost {
  readonly kind: 'host';
  readonly id: string;
  readonly name: string;
  readonly pool: string;
  readonly cpu: { readonly count: number; readonly sockets: number; readonly model: string; readonly mhz: number };
  readonly memoryBytes: number;
  readonly address: string;
  /** Simulated time. */
  readonly bootedAt: number;
  live: boolean;
  /** The VMs that it carries. */
  readonly vms: Set<SimulatedVm>;
  /** What VMs that it no longer carries have used. */
  retiredCpuSeconds: number;
  /** Its idle counter as it was last read: a host that does more than it can is not idle, and no counter goes back. */
  idleSeconds: number;
}

export interface SimulatedStoragePool {
  readonly kind: 'storage-pool';
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly capacityBytes: number;
  readonly volumes: Set<SimulatedVolume>;
}

export interface SimulatedVolume {
  readonly source: string;
  readonly pool: SimulatedStoragePool;
  readonly capacityBytes: number;
  /** Share of it that was written when it was made, and what is added in a day. */
  readonly filledRatio: number;
  readonly filledPerDay: number;
  /** Simulated time. */
  readonly madeAt: number;
}

export interface SimulatedNetwork {
  readonly kind: 'network';
  readonly id: string;
  readonly name: string;
  readonly bridge: string;
}

/** What a VM is made of. */
export interface VmConfig {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly vcpus: { readonly current: number; readonly maximum: number };
  readonly memoryBytes: { readonly current: number; readonly maximum: number };
  readonly autostart: boolean;
  readonly template: boolean;
  readonly role: Role;
  readonly hasAgent: boolean;
  readonly disks: readonly Disk[];
  /** Behind each of the disks; null where the drive is empty. */
  readonly volumes: readonly (SimulatedVolume | null)[];
  readonly nics: readonly Nic[];
}

export interface SimulatedVm {
  readonly kind: 'vm';
  readonly id: string;
  config: VmConfig;
  /** A definition that was given while it ran: it holds from the next start. */
  nextConfig: VmConfig | null;
  power: PowerState;
  host: SimulatedHost | null;
  agent: Vm['agent'];
  phase: GuestPhase;
  readonly timer: GuestTimer;
  readonly usage: Usage;
  /** What comes after it has gone down, when it was asked to while it booted. */
  asked: GoingDown | null;
  /** The task of a guest that goes down. */
  goingDown: TaskHandle | null;
  ignoresShutdown: boolean;
  /** It neither answers nor tells figures, and does not go down when it is asked to. */
  hung: boolean;
  /** Whether it was paused when its host stopped answering. */
  pausedWhenLost: boolean;
  /** Its memory is being saved or restored. */
  job: VmJob | null;
  /** Oldest first. */
  readonly snapshots: SimulatedSnapshot[];
}

export interface SimulatedSnapshot {
  readonly name: string;
  readonly description: string;
  readonly withMemory: boolean;
  /** The one that the disks stood on. */
  readonly parent: string | null;
  /** Simulated time. */
  readonly createdAt: number;
}

export type GuestPhase = 'off' | 'booting' | 'up' | 'going-down';

export interface VmJob {
  readonly name: string;
  /** Ends it; whoever waits for it is told the reason. */
  end(reason: unknown): void;
}

export function allocatedBytes(volume: SimulatedVolume, now: number): number {
  const days = (now - volume.madeAt) / 86_400_000;
  return Math.round(volume.capacityBytes * Math.min(0.98, volume.filledRatio + volume.filledPerDay * days));
}

export function usedBytes(pool: SimulatedStoragePool, now: number): number {
  let used = 0;
  for (const volume of pool.volumes) used += allocatedBytes(volume, now);
  return used;
}
