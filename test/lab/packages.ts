import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeeds, systemPath } from './command.ts';
import { isRoot } from './runs.ts';

/** What the lab can bring up. */
export type Facility =
  | 'libvirt-daemon'
  | 'hosts'
  | 'influxdb'
  | 'mosquitto'
  | 'prometheus'
  | 'chromium'
  | 'keyring'
  | 'disks'
  | 'bench';

/** A Debian package and a command or file that shows it is there, whoever installed it. */
interface Requirement {
  package: string;
  proof: string;
}

const daemon: Requirement[] = [
  // Not libvirt-daemon-system: that one brings units, users and a firewall; the lab's daemons are its own.
  { package: 'libvirt-daemon', proof: 'libvirtd' },
  { package: 'libvirt-clients', proof: 'virsh' },
];

const requirements: Record<Facility, Requirement[]> = {
  'libvirt-daemon': daemon,
  hosts: [
    ...daemon,
    {
      package: 'libvirt-daemon-driver-qemu',
      proof: '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so',
    },
    { package: 'qemu-system-x86', proof: 'qemu-system-x86_64' },
    { package: 'qemu-utils', proof: 'qemu-img' },
    { package: 'dnsmasq-base', proof: 'dnsmasq' },
    { package: 'iptables', proof: 'iptables' },
    { package: 'iproute2', proof: 'ip' },
  ],
  influxdb: [{ package: 'influxdb', proof: 'influxd' }],
  mosquitto: [{ package: 'mosquitto', proof: 'mosquitto' }],
  prometheus: [{ package: 'prometheus', proof: 'promtool' }],
  chromium: [{ package: 'chromium', proof: 'chromium' }],
  keyring: [
    { package: 'gnome-keyring', proof: 'gnome-keyring-daemon' },
    { package: 'libsecret-tools', proof: 'secret-tool' },
    { package: 'dbus-daemon', proof: 'dbus-daemon' },
  ],
  disks: [
    { package: 'e2fsprogs', proof: 'mkfs.ext4' },
    { package: 'mount', proof: 'mount' },
  ],
  // What the benchmarks compile: a client on libvirt's own library.
  bench: [
    ...daemon,
    { package: 'gcc', proof: 'gcc' },
    { package: 'libc6-dev', proof: '/usr/include/stdio.h' },
    { package: 'libvirt-dev', proof: '/usr/include/libvirt/libvirt.h' },
  ],
};

export const facilities = Object.keys(requirements) as Facility[];

/** The tests do without a compiler. */
export const testFacilities = facilities.filter((facility) => facility !== 'bench');

/** Packages whose units Debian enables; the lab runs these programs itself and wants none at the next boot. */
const packagesWithUnits = ['influxdb', 'mosquitto', 'prometheus'];

/** The Debian packages that these facilities together still lack on this machine. */
export function missingPackages(...wanted: readonly Facility[]): string[] {
  const required = wanted.flatMap((name) => requirements[name]);
  return [...new Set(required.filter(({ proof }) => !isThere(proof)).map((requirement) => requirement.package))];
}

function isThere(proof: string): boolean {
  if (proof.startsWith('/')) return existsSync(proof);
  return systemPath.split(':').some((directory) => existsSync(join(directory, proof)));
}

/** Why this process cannot install packages, or undefined when it can. */
export function cannotInstall(): string | undefined {
  if (!isRoot) return 'installing packages needs root';
  if (!isThere('apt-get')) return 'this is no Debian: there is no apt-get';
  return undefined;
}

/**
 * Installs what these facilities lack, without starting or enabling a single system daemon. Does nothing when all is there.
 * @returns what was installed, and what this Debian release does not have.
 * @throws Error when it may not install; CommandError when apt fails.
 */
export async function installPackages(
  wanted: readonly Facility[],
  log: (line: string) => void,
): Promise<{ installed: string[]; absent: string[] }> {
  const missing = missingPackages(...wanted);
  if (missing.length === 0) return { installed: [], absent: [] };
  const reason = cannotInstall();
  if (reason !== undefined) throw new Error(`${reason} (missing: ${missing.join(', ')})`);
  log('apt-get update');
  await apt('update');
  const known = await Promise.all(missing.map((name) => succeeds('apt-cache', ['show', '--quiet=2', name])));
  const installed = missing.filter((_, index) => known[index]);
  const absent = missing.filter((_, index) => !known[index]);
  if (installed.length > 0) {
    log(`apt-get install ${installed.join(' ')}`);
    await withoutServiceStarts(() => apt('install', '--no-install-recommends', ...installed));
    await leaveDisabled(installed.filter((name) => packagesWithUnits.includes(name)));
  }
  return { installed, absent };
}

async function apt(...args: string[]): Promise<void> {
  const options = ['-y', '-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const env = { DEBIAN_FRONTEND: 'noninteractive', APT_LISTCHANGES_FRONTEND: 'none', NEEDRESTART_SUSPEND: '1' };
  await run('apt-get', [...options, ...args], { env, timeoutMs: 1_200_000 });
}

const policyFile = '/usr/sbin/policy-rc.d';
const policyMark = '# virtflow lab: nothing starts while packages are installed';

/** Package scripts ask policy-rc.d before they start a service; 101 means no. A policy that is there already stays. */
async function withoutServiceStarts(install: () => Promise<void>): Promise<void> {
  const existing = await readFile(policyFile, 'utf8').catch(() => undefined);
  const ours = existing === undefined || existing.includes(policyMark);
  if (ours) await writeFile(policyFile, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 });
  try {
    await install();
  } finally {
    if (ours) await rm(policyFile, { force: true });
  }
}

/** Without this, the next boot would start an InfluxDB and a mosquitto that nobody asked for. */
async function leaveDisabled(services: readonly string[]): Promise<void> {
  if (!isThere('systemctl')) return;
  for (const service of services) {
    await run('systemctl', ['--quiet', 'disable', service], { env: { SYSTEMD_OFFLINE: '1' } });
  }
}
