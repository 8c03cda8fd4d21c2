import { access, constants } from 'node:fs/promises';
import { run } from './command.ts';
import { guestIsBuilt } from './guest.ts';
import { type Facility, missingPackages } from './packages.ts';
import { isRoot } from './runs.ts';

export type Availability = { ok: true } | { ok: false; reason: string };

/** The part of mocha's context that is needed to skip a suite: pass `this` from a `before` hook. */
interface Skippable {
  skip(): never;
}

const known = new Map<Facility, Promise<Availability>>();

/** Whether a facility can be brought up here, and if not, why. Found out once in a process. */
export function labAvailability(facility: Facility): Promise<Availability> {
  const answer = known.get(facility) ?? findOut(facility);
  known.set(facility, answer);
  return answer;
}

/**
 * Skips the suite when a facility is missing, and says why. Under CI as root, where the installer could have brought
 * it, that is a failure.
 */
export async function requireLab(context: Skippable, ...facilities: Facility[]): Promise<void> {
  for (const facility of facilities) {
    const answer = await labAvailability(facility);
    if (answer.ok) continue;
    const sentence = `the lab has no ${facility} here: ${answer.reason}`;
    if (process.env.CI && isRoot) throw new Error(sentence);
    console.log(`      left out: ${sentence}`);
    context.skip();
  }
}

/** For programs: throws, with the reason and what to do, when a facility is missing. */
export async function requireReady(...facilities: Facility[]): Promise<void> {
  for (const facility of facilities) {
    const answer = await labAvailability(facility);
    if (!answer.ok) throw new Error(`the lab has no ${facility} here: ${answer.reason}; try: node test/lab/install.ts`);
  }
}

async function findOut(facility: Facility): Promise<Availability> {
  if (process.platform !== 'linux') return { ok: false, reason: 'this is not Linux' };
  const missing = missingPackages(facility);
  if (missing.length > 0) return { ok: false, reason: `missing packages: ${missing.join(', ')}` };
  return facility === 'hosts' ? hosts() : { ok: true };
}

async function hosts(): Promise<Availability> {
  if (!isRoot) return { ok: false, reason: 'hosts need root, for namespaces' };
  if (process.arch !== 'x64') return { ok: false, reason: `the guests are x86_64, this machine is ${process.arch}` };
  try {
    await run('unshare', [
      '--mount',
      '--uts',
      '--ipc',
      '--net',
      '--cgroup',
      '--pid',
      '--fork',
      'mount',
      '-t',
      'sysfs',
      's',
      '/sys',
    ]);
    await access('/sys/fs/cgroup', constants.W_OK);
    await access('/dev/net/tun', constants.R_OK);
  } catch (error) {
    return { ok: false, reason: `this machine does not allow what hosts need: ${(error as Error).message}` };
  }
  if (await guestIsBuilt()) return { ok: true };
  const kernel = await run('apt-cache', ['depends', 'linux-image-cloud-amd64']).catch(() => '');
  return kernel.includes('Depends: linux-image')
    ? { ok: true }
    : { ok: false, reason: 'the guest is not built, and apt knows no kernel to build it from' };
}
