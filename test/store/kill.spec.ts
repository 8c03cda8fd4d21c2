import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as passes } from 'node:timers/promises';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { assertReached } from './reached.ts';

const kills = Number(process.env.VIRTFLOW_KILLS ?? 15);
const longestLifeMs = 150;

describe(`the store under ${kills} kills in the middle of commits`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-store-kill-'));
  const path = join(directory, 'state.db');
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function write(life: string): Promise<string> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), path, life], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const output = text(child.stdout);
    await Promise.race([once(child.stdout, 'data'), exited]);
    await passes(Math.random() * longestLifeMs);
    child.kill('SIGKILL');
    await exited;
    return output;
  }

  it('has every commit that it had reported', async function () {
    this.timeout(30_000 + kills * 5_000);
    let reported = 0;
    for (let life = 0; life < kills; life += 1) {
      const latest = new Map<string, string>();
      for (const line of (await write(`${life}`)).split('\n').slice(0, -1)) {
        const [id = '', state = ''] = line.split(' ');
        latest.set(id, state);
        reported += 1;
      }
      const store = openSqliteStore(path);
      for (const [id, state] of latest) assertReached(store.journal.get(id), state);
      store.close();
    }
    assert.ok(reported > kills);
  });
});
