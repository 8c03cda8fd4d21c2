import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const labGroup = 'virtflow-lab';

/** A mounted cgroup hierarchy: a version 1 set of controllers, or the one tree of version 2. */
export interface Hierarchy {
  mountPoint: string;
  /** What to give `mount -o`, empty for version 2. */
  controllers: string;
}

/** The hierarchies with controllers that this machine has mounted: several of version 1, or the one of version 2. */
export function hierarchies(): Hierarchy[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').flatMap(parseMount);
  const v1 = mounts.filter(({ controllers }) => controllers !== '');
  return v1.length > 0 ? v1 : mounts;
}

/** A line of mountinfo, see proc(5): after the dash come the type, the source and the super block's options. */
function parseMount(line: string): Hierarchy[] {
  const [before = '', after = ''] = line.split(' - ');
  const mountPoint = before.split(' ')[4] ?? '';
  const [type, , options = ''] = after.split(' ');
  if (type === 'cgroup2') return [{ mountPoint, controllers: '' }];
  if (type !== 'cgroup' || options.includes('name=')) return [];
  return [{ mountPoint, controllers: options.split(',').filter(isController).join(',') }];
}

function isController(option: string): boolean {
  return !['rw', 'ro', 'xattr', 'clone_children', 'noprefix'].includes(option) && !option.includes('=');
}

/** Makes a group for one host in every hierarchy and gives their directories. */
export function createCgroups(run: string, host: string): string[] {
  return hierarchies().map((hierarchy) => {
    try {
      return createGroup(hierarchy, run, host);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return createGroup(hierarchy, run, host); // another process has just removed the lab's own, empty group
    }
  });
}

function createGroup({ mountPoint, controllers }: Hierarchy, run: string, host: string): string {
  let directory = mountPoint;
  for (const name of [labGroup, run, host]) {
    directory = join(directory, name);
    makeDirectory(directory);
    if (controllers === '') delegate(directory);
    else if (controllers.split(',').includes('cpuset')) inheritCpus(directory);
  }
  return directory;
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Version 2 hands a controller down only where it is told to; one that the machine lacks is left out. */
function delegate(directory: string): void {
  for (const controller of readFileSync(join(directory, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean)) {
    writeFileSync(join(directory, 'cgroup.subtree_control'), `+${controller}`);
  }
}

/** A new cpuset of version 1 has no CPUs and takes no process until it is given some. */
function inheritCpus(directory: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    writeFileSync(join(directory, file), readFileSync(join(directory, '..', file)));
  }
}

/** The names of all runs that have groups. */
export function runsWithCgroups(): string[] {
  return hierarchies().flatMap(({ mountPoint }) => subdirectories(join(mountPoint, labGroup)));
}

/**
 * Removes the groups of a run, or of one of its hosts, and says if they are gone: those in which a process still is
 * stay.
 */
export function removeCgroups(run: string, host = ''): boolean {
  const removed = hierarchies().map(({ mountPoint }) => {
    removeTree(join(mountPoint, labGroup, run, host));
    removeIfEmpty(join(mountPoint, labGroup));
    return !existsSync(join(mountPoint, labGroup, run, host));
  });
  return !removed.includes(false);
}

function removeTree(directory: string): void {
  for (const entry of subdirectories(directory)) removeTree(join(directory, entry));
  removeIfEmpty(directory);
}

function subdirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []));
  } catch {
    return [];
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // absent, or in use: the caller looks
  }
}
