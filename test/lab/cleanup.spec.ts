import { ok, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { before, describe, it } from 'mocha';
import { requireLab } from './availability.ts';
import { hierarchies } from './cgroups.ts';
import { commandEnv } from './command.ts';
import { until } from './condition.ts';
import { labRoot, sweepLeftovers } from './runs.ts';

/** Brings up a host with a guest in a process of its own and waits for the signal that ends it. */
const program = `
import { startHost } from '${join(import.meta.dirname, 'host.ts')}';
import { bootGuest, defineGuest } from '${join(import.meta.dirname, 'guests.ts')}';
import { runName } from '${join(import.meta.dirname, 'runs.ts')}';
const host = await startHost('victim');
await defineGuest(host, { name: 'web-1' });
await bootGuest(host, 'web-1');
console.log(runName);
if (process.argv.at(-1) === 'stay') setInterval(() => {}, 1_000);
`;

describe('the lab cleans up', function () {
  this.timeout(60_000);

  before(async function () {
    await requireLab(this, 'hosts');
  });

  it('after a process that was killed, and spares one that lives', async () => {
    const [doomed, survivor] = await Promise.all([bringUp('stay'), bringUp('stay')]);
    doomed.process.kill('SIGKILL');
    await until('the end of all its processes', async () => (await processesOf(doomed.run)).length === 0 || undefined);
    sweepLeftovers();
    ok(!existsSync(join(labRoot, 'runs', doomed.run)));
    strictEqual(cgroupsOf(doomed.run).length, 0);
    ok(existsSync(join(labRoot, 'runs', survivor.run)));
    ok((await processesOf(survivor.run)).some((command) => command.includes('qemu')));
    survivor.process.kill('SIGKILL');
    await until('the end of the survivor', async () => (await processesOf(survivor.run)).length === 0 || undefined);
    sweepLeftovers();
    ok(!existsSync(join(labRoot, 'runs', survivor.run)));
  });

  it('after a process that forgot to stop its host, which does not keep it from ending', async () => {
    const { process, run } = await bringUp('end');
    if (process.exitCode === null) await once(process, 'exit');
    ok(!existsSync(join(labRoot, 'runs', run)));
    strictEqual(cgroupsOf(run).length, 0);
  });
});

async function bringUp(mode: string) {
  const process_ = spawn(process.execPath, ['--input-type=module', '--eval', program, mode], {
    env: commandEnv(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [run] = (await once(createInterface({ input: process_.stdout }), 'line')) as [string];
  return { process: process_, run };
}

/** Command lines of the processes that belong to a run, by its cgroup; QEMU sits in a child of it. */
async function processesOf(run: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const mine = await Promise.all(
    pids.map(async (pid) => ((await read(pid, 'cgroup')).includes(run) ? pid : undefined)),
  );
  return Promise.all(mine.filter((pid) => pid !== undefined).map((pid) => read(pid, 'cmdline')));
}

function cgroupsOf(run: string): string[] {
  return hierarchies()
    .map(({ mountPoint }) => join(mountPoint, 'virtflow-lab', run))
    .filter((path) => existsSync(path));
}
