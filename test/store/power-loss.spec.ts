import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as passes } from 'node:timers/promises';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { requireLab } from '../lab/availability.ts';
import { PowerCutDisk } from './power-cut-disk.ts';
import { assertReached } from './reached.ts';

const cuts = Number(process.env.VIRTFLOW_POWER_CUTS ?? 8);
const longestLifeMs = 150;

describe(`the store under ${cuts} power cuts`, () => {
  let disk: PowerCutDisk;

  before(async function () {
    await requireLab(this, 'disks');
    const missing = PowerCutDisk.missing();
    if (missing !== undefined) {
      console.log(`      left out: ${missing}`);
      this.skip();
    }
    disk = new PowerCutDisk(128);
  });
  after(() => disk?.remove());

  /** Lets a writer live for a while, then cuts its power; answers what it had reported by then. */
  async function lifeOf(script: string, ...args: string[]): Promise<string[]> {
    const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const output = text(child.stdout);
    await Promise.race([once(child.stdout, 'data'), exited]);
    await passes(Math.random() * longestLifeMs);
    await freeze(child);
    disk.cut();
    child.kill('SIGKILL');
    await exited;
    disk.restore();
    return (await output).split('\n').slice(0, -1);
  }

  it('has every commit that it had reported, and is whole', async function () {
    this.timeout(60_000 + cuts * 5_000);
    const path = join(disk.path, 'state.db');
    let reported = 0;
    for (let life = 0; life < cuts; life += 1) {
      const latest = new Map(
        (await lifeOf('writer.ts', path, `${life}`)).map((line) => {
          reported += 1;
          const [id = '', state = ''] = line.split(' ');
          return [id, state];
        }),
      );
      const store = openSqliteStore(path);
      for (const [id, state] of latest) assertReached(store.journal.get(id), state);
      store.close();
    }
    assert.ok(reported > cuts);
    console.log(`      ${cuts} power cuts, ${reported} commits reported: none lost`);
  });

  it('is told apart from one that does not wait for the disk, which does lose what it reported', async function () {
    this.timeout(60_000);
    const path = join(disk.path, 'careless');
    const reported = await lifeOf('careless-writer.ts', path);
    const kept = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
    assert.ok(kept.length < reported.length, `${kept.length} of ${reported.length} lines were kept`);
  });
});

/** Waits until the kernel has stopped it: what it still says after that it cannot say. */
async function freeze(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP');
  while (child.exitCode === null && child.signalCode === null && !isStopped(child.pid ?? 0)) await passes(1);
}

function isStopped(pid: number): boolean {
  return /^State:\s+[TZ]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
