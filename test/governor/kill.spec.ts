import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as passes } from 'node:timers/promises';
import { storeFileOf } from '../../lib/platform.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';

const kills = Number(process.env.VIRTFLOW_KILLS ?? 10);
const longestLifeMs = 150;
const limit = 2 * kills;
const livesAtMost = 20 * kills;

describe(`a budget under ${kills} kills while it is used`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-governor-kill-'));
  after(() => rmSync(directory, { recursive: true, force: true }));

  /** Answers the operations that began before it was killed. */
  async function live(): Promise<string[]> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const output = text(child.stdout);
    await Promise.race([once(child.stdout, 'data'), exited]);
    await passes(Math.random() * longestLifeMs);
    child.kill('SIGKILL');
    await exited;
    return (await output).split('\n').filter((line) => line !== '' && line !== 'ready');
  }

  it('is never refilled, and what was let through is on disk', async function () {
    this.timeout(60_000 + kills * 20_000);
    const rule = { id: 'resets', type: 'budget', actions: ['vm.reset'], limit, window: '1d' };
    writeFileSync(join(directory, 'governor.json'), JSON.stringify({ version: 1, rules: [rule] }));
    const began: string[] = [];
    let lives = 0;
    // Lives go on until it is used up, and a few more.
    for (let beyond = 0; beyond < 3 && lives < livesAtMost; lives += 1) {
      began.push(...(await live()));
      if (lives >= kills && began.length >= limit) beyond += 1;
    }
    const store = openSqliteStore(storeFileOf(directory));
    const ran = began.map((id) => store.journal.get(id)?.startedAt ?? null);
    store.close();
    assert.ok(ran.every((at) => at !== null));
    assert.equal(began.length, limit);
  });
});
