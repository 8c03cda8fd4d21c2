import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as passes } from 'node:timers/promises';
import { AuditLog } from '../../lib/access/audit/audit-log.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';

const kills = Number(process.env.VIRTFLOW_KILLS ?? 10);
const longestLifeMs = 150;

describe(`the audit record under ${kills} kills in the middle of transitions`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-audit-kill-'));
  const path = join(directory, 'state.db');
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function write(): Promise<string[]> {
    const args = [join(import.meta.dirname, 'writer.ts'), path];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const output = text(child.stdout);
    await Promise.race([once(child.stdout, 'data'), exited]);
    await passes(Math.random() * longestLifeMs);
    child.kill('SIGKILL');
    await exited;
    return (await output).split('\n').slice(0, -1);
  }

  it('holds, has all that was reported, and says what the journal says', async function () {
    this.timeout(30_000 + kills * 5_000);
    for (let life = 0; life < kills; life += 1) {
      const reported = await write();
      const store = openSqliteStore(path);
      const audit = new AuditLog(store);
      assert.equal(audit.verify([]).broken, undefined);
      const states = new Map<string, string>();
      const told = new Set<string>();
      for (const { entry } of audit.rows()) {
        const { what, about } = JSON.parse(entry);
        const state = what.replace('operation.', '');
        states.set(about.operation, state);
        told.add(`${about.operation} ${state}`);
      }
      assert.deepEqual(
        reported.filter((line) => !told.has(line)),
        [],
      );
      for (const [id, state] of states) assert.equal(store.journal.get(id)?.state, state);
      store.close();
    }
  });
});
