import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeCgroups, runsWithCgroups } from './cgroups.ts';
import { killOwnedProcesses } from './process.ts';

const uid = process.getuid?.() ?? 0;

/** Only root may use cgroups and namespaces. */
export const isRoot = uid === 0;

/** Where the lab keeps everything: `$VIRTFLOW_LAB`, or /var/tmp/virtflow-lab. Ordinary users get one of their own. */
export const labRoot = process.env.VIRTFLOW_LAB ?? (isRoot ? '/var/tmp/virtflow-lab' : `/var/tmp/virtflow-lab-${uid}`);

/**
 * Makes the lab's directory.
 * @throws Error when somebody else has made it: what root boots from there must be root's.
 */
export function ensureLabRoot(): void {
  mkdirSync(labRoot, { recursive: true, mode: 0o755 });
  const { uid: owner } = lstatSync(labRoot);
  if (owner !== uid)
    throw new Error(`${labRoot} belongs to user ${owner}; set VIRTFLOW_LAB to a directory of your own`);
}

/**
 * Clock ticks after boot at which a process started: with the pid it names a process for good. Undefined for one that
 * has ended, even if its parent has not taken notice yet.
 */
function startTime(pid: number | string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from field 3 of proc(5) on
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Names this process, even after its pid is used again. All that it brings up carries this name. */
export const runName = `${process.pid}-${Number(startTime(process.pid)).toString(36)}`;

const runsDirectory = join(labRoot, 'runs');
const runDirectory = join(runsDirectory, runName);

/**
 * A new directory for one thing that this process brings up, for instance a host. It goes away with the process: its
 * exit hook removes it, or, after a kill -9, the next process that uses the lab.
 */
export async function ownDirectory(name: string): Promise<string> {
  prepare();
  const directory = join(runDirectory, name);
  await mkdir(runDirectory, { recursive: true, mode: 0o755 });
  await mkdir(directory, { mode: 0o755 });
  return directory;
}

let prepared = false;

function prepare(): void {
  if (prepared) return;
  ensureLabRoot();
  prepared = true;
  sweepLeftovers();
  process.once('exit', () => {
    killOwnedProcesses();
    sweepRun(runName);
  });
}

/** Removes what processes that are gone have left behind; never what belongs to one that lives. */
export function sweepLeftovers(): void {
  const runs = new Set([...list(runsDirectory), ...(isRoot ? runsWithCgroups() : [])]);
  for (const name of runs) if (!isAlive(name)) sweepRun(name);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // nobody has used this lab yet
  }
}

function isAlive(name: string): boolean {
  const [pid = '', started = ''] = name.split('-');
  return startTime(pid) === String(Number.parseInt(started, 36));
}

/** A group can be removed when its last process is gone, which takes the kernel a moment after SIGKILL. */
function sweepRun(name: string): void {
  const deadline = performance.now() + 3_000;
  while (!removeCgroups(name) && performance.now() < deadline) sleepSync(10);
  rmSync(join(runsDirectory, name), { recursive: true, force: true, maxRetries: 3 });
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
