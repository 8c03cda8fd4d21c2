import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as passes } from 'node:timers/promises';
import { storeFileOf } from '../../lib/platform.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';

const kills = Number(process.env.VIRTFLOW_KILLS ?? 10);
const mostInALife = 5;
const longestAgonyMs = 10;
const limit = 2 * kills;

describe(`a budget under ${kills} kills while it is used`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-governor-kill-'));
  after(() => rmSync(directory, { recursive: true, force: true }));

  /** Lives until moments after so many operations began, or one was refused: on a slow machine, too, lives get on. */
  async function live(): Promise<{ began: readonly string[]; isUsedUp: boolean }> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const said: string[] = [];
    const enough = Math.floor(Math.random() * mostInALife);
    let dying: Promise<void> | undefined;
    for await (const line of createInterface(child.stdout)) {
      said.push(line);
      if (said.length > enough || line === 'refused')
        dying ??= passes(Math.random() * longestAgonyMs).then(() => void child.kill('SIGKILL'));
    }
    await Promise.all([dying, exited]);
    const began = said.filter((line) => line !== 'ready' && line !== 'refused');
    return { began, isUsedUp: said.includes('refused') };
  }

  it('is never refilled, and what was let through is on disk', async function () {
    this.timeout(60_000 + kills * 20_000);
    const rule = { id: 'resets', type: 'budget', actions: ['vm.reset'], limit, window: '1d' };
    writeFileSync(join(directory, 'governor.json'), JSON.stringify({ version: 1, rules: [rule] }));
    const said: string[] = [];
    // Lives go on until it is used up, and a few more.
    for (let lives = 0, beyond = 0; lives < kills || beyond < 3; lives += 1) {
      const { began, isUsedUp } = await live();
      said.push(...began);
      if (isUsedUp) beyond += 1;
    }
    const store = openSqliteStore(storeFileOf(directory));
    // Not those that were refused, of which there may be more than a list holds.
    const states = ['queued', 'running', 'interrupted', 'succeeded', 'failed', 'cancelled'] as const;
    const all = store.journal.history({ action: 'vm.reset', states, limit: 1_000 });
    store.close();
    const ran = new Set(all.filter(({ startedAt }) => startedAt !== null).map(({ id }) => id));
    // One that began may have had no time to say so.
    assert.ok(said.every((id) => ran.has(id)));
    assert.equal(ran.size, limit);
  });
});
