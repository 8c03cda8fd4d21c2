import type { LoadPattern, Mix } from './load.ts';

/** What a VM is there for: its size, and how it behaves. */
export interface Role {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly vcpus: readonly number[];
  readonly memoryGiB: readonly number[];
  readonly diskGiB: readonly number[];
  readonly network: string;
  readonly agent: boolean;
  readonly pattern: LoadPattern;
  /** Share of all its vCPUs; the parts sum up to 1 at most, and the constant is not smaller than the noise. */
  readonly cpu: Mix;
  /** Share of its memory that the guest uses; a leak in the share of a day, until the guest kills what leaks. */
  readonly memory: Mix & { readonly leakPerDay: number };
  /** Bytes per second. */
  readonly read: Mix;
  readonly write: Mix;
  readonly receive: Mix;
  readonly transmit: Mix;
}

const hour = 3600;
const KiB = 1024;
const MiB = 1024 * KiB;
const mix = (constant: number, day: number, noise: number, spike: number): Mix => ({ constant, day, noise, spike });
const times = (unit: number, of: Mix): Mix => mix(of.constant * unit, of.day * unit, of.noise * unit, of.spike * unit);

/** A short burst somewhere in every slot. */
const bursts = (slotSeconds: number, lengthSeconds: number): LoadPattern['spike'] => ({
  slotSeconds,
  lengthSeconds,
  earliestSeconds: 0,
  latestSeconds: slotSeconds,
});
/** A run of a job once a day, within a window. */
const nightly = (fromHour: number, toHour: number, lengthSeconds: number): LoadPattern['spike'] => ({
  slotSeconds: 24 * hour,
  lengthSeconds,
  earliestSeconds: fromHour * hour,
  latestSeconds: toHour * hour,
});

const web: Role = {
  name: 'web',
  description: 'Web front end',
  tags: ['web', 'production'],
  vcpus: [2, 4, 4, 8],
  memoryGiB: [4, 8, 8, 16],
  diskGiB: [20],
  network: 'dmz',
  agent: true,
  pattern: { peakHour: 13, weekend: 0.6, spike: bursts(2 * hour, 240) },
  cpu: mix(0.06, 0.5, 0.05, 0.3),
  memory: { ...mix(0.35, 0.2, 0.03, 0.1), leakPerDay: 0 },
  read: times(KiB, mix(90, 300, 60, 800)),
  write: times(KiB, mix(120, 200, 80, 400)),
  receive: times(KiB, mix(80, 900, 60, 1_200)),
  transmit: times(KiB, mix(300, 6_000, 250, 9_000)),
};

const db: Role = {
  name: 'db',
  description: 'PostgreSQL database',
  tags: ['db', 'production', 'critical'],
  vcpus: [4, 8, 16],
  memoryGiB: [16, 32, 64],
  diskGiB: [40, 300],
  network: 'lan',
  agent: true,
  pattern: { peakHour: 12.5, weekend: 0.5, spike: nightly(1, 3, 1800) },
  cpu: mix(0.08, 0.4, 0.06, 0.35),
  memory: { ...mix(0.72, 0.06, 0.02, 0.08), leakPerDay: 0 },
  read: times(MiB, mix(1.5, 8, 1, 40)),
  write: times(MiB, mix(1, 5, 0.8, 10)),
  receive: times(KiB, mix(150, 1_500, 120, 300)),
  transmit: times(KiB, mix(200, 3_000, 150, 20_000)),
};

/** Its service forgets to free what it takes: the advisor's and the rules' favourite. */
const app: Role = {
  ...web,
  name: 'app',
  description: 'Application server; its service leaks memory',
  tags: ['app', 'production'],
  vcpus: [4, 8],
  memoryGiB: [8, 16],
  diskGiB: [40],
  network: 'lan',
  cpu: mix(0.1, 0.4, 0.08, 0.3),
  memory: { ...mix(0.3, 0.05, 0.02, 0.05), leakPerDay: 0.22 },
};

const mail: Role = {
  ...web,
  name: 'mail',
  description: 'Mail server',
  tags: ['mail', 'production'],
  vcpus: [2, 4],
  memoryGiB: [8],
  diskGiB: [20, 200],
  pattern: { peakHour: 9.5, weekend: 0.25, spike: bursts(4 * hour, 300) },
  cpu: mix(0.05, 0.3, 0.04, 0.25),
  write: times(KiB, mix(200, 1_500, 150, 2_000)),
};

const ci: Role = {
  name: 'ci',
  description: 'Build runner',
  tags: ['ci', 'internal'],
  vcpus: [8, 16],
  memoryGiB: [16, 32],
  diskGiB: [100],
  network: 'lan',
  agent: true,
  pattern: { peakHour: 14.5, weekend: 0.1, spike: bursts(1800, 420) },
  cpu: mix(0.03, 0.2, 0.02, 0.7),
  memory: { ...mix(0.15, 0.15, 0.02, 0.45), leakPerDay: 0 },
  read: times(MiB, mix(0.1, 2, 0.1, 60)),
  write: times(MiB, mix(0.1, 3, 0.1, 90)),
  receive: times(KiB, mix(20, 300, 15, 12_000)),
  transmit: times(KiB, mix(10, 100, 8, 5_000)),
};

const dev: Role = {
  ...ci,
  name: 'dev',
  description: "Developer's machine",
  tags: ['dev', 'test'],
  vcpus: [2, 4],
  memoryGiB: [4, 8],
  diskGiB: [30],
  pattern: { peakHour: 13.5, weekend: 0.05, spike: bursts(2 * hour, 300) },
  cpu: mix(0.015, 0.15, 0.01, 0.4),
};

const backup: Role = {
  name: 'backup',
  description: 'Backup server: busy at night',
  tags: ['backup', 'internal'],
  vcpus: [4],
  memoryGiB: [8],
  diskGiB: [20, 2000],
  network: 'storage',
  agent: true,
  pattern: { peakHour: 2, weekend: 1, spike: nightly(0.5, 2, 3 * hour) },
  cpu: mix(0.02, 0.1, 0.015, 0.6),
  memory: { ...mix(0.25, 0.05, 0.02, 0.4), leakPerDay: 0 },
  read: times(MiB, mix(0.2, 1, 0.1, 30)),
  write: times(MiB, mix(0.1, 1, 0.1, 180)),
  receive: times(MiB, mix(0.05, 0.5, 0.04, 190)),
  transmit: times(KiB, mix(20, 100, 15, 2_000)),
};

/** An appliance without a guest agent. */
const monitor: Role = {
  ...mail,
  name: 'monitor',
  description: 'Monitoring appliance, without a guest agent',
  tags: ['monitor', 'internal'],
  vcpus: [2],
  memoryGiB: [4],
  diskGiB: [60],
  network: 'lan',
  agent: false,
  pattern: { peakHour: 12, weekend: 1, spike: bursts(600, 20) },
  cpu: mix(0.12, 0.03, 0.04, 0.2),
};

export const roles = { web, db, app, mail, ci, dev, backup, monitor } as const satisfies Record<string, Role>;
export type RoleName = keyof typeof roles;
export const isRoleName = (name: string): name is RoleName => Object.hasOwn(roles, name);
