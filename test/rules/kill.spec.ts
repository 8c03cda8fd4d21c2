import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as passes } from 'node:timers/promises';
import { RuleEngine } from '../../lib/rules/engine.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { rule } from './series.ts';

const kills = Number(process.env.VIRTFLOW_KILLS ?? 10);
const longestLifeMs = 100;

interface Told {
  readonly id: string;
  readonly sequence: number;
  readonly type: string;
}

describe(`alerts under ${kills} kills while they are told`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-rules-kill-'));
  const file = join(directory, 'state.db');
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function live(): Promise<Told[]> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const output = text(child.stdout);
    await Promise.race([once(child.stdout, 'data'), exited]);
    await passes(Math.random() * longestLifeMs);
    child.kill('SIGKILL');
    await exited;
    const lines = (await output).split('\n').slice(0, -1);
    return lines.filter((line) => line !== 'ready').map((line): Told => JSON.parse(line));
  }

  it('are all told, in order, and those that come twice have the same id', async function () {
    this.timeout(60_000 + kills * 10_000);
    const told: Told[] = [];
    for (let life = 0; life < kills; life += 1) told.push(...(await live()));
    const store = openSqliteStore(file);
    const engine = new RuleEngine(store);
    engine.alerts.subscribe(({ id, sequence, type }) => told.push({ id, sequence, type }));
    engine.add(rule({ id: 'flip' }));
    assert.deepEqual(store.states.list('rule-outbox'), []);
    engine.stop();
    store.close();
    const once = [...new Map(told.map((one) => [one.id, one])).values()];
    assert.ok(once.length > kills, `only ${once.length} alerts`);
    assert.deepEqual(
      once.map(({ sequence }) => sequence),
      once.map((_, index) => index + 1),
    );
    assert.deepEqual(
      once.map(({ type }) => type),
      once.map((_, index) => (index % 2 === 0 ? 'firing' : 'resolved')),
    );
  });
});
