import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BufferedStore } from '../../../lib/metrics/store/buffered-store.ts';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import { planQuery } from '../../../lib/metrics/store/structured-query.ts';
import { sampleAt } from '../influx-samples.ts';

describe('a metric store whose process is killed', function () {
  this.timeout(120_000);
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'killed-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function writeAndKill(first: number, samples: number): Promise<number[]> {
    const args = [join(import.meta.dirname, 'writer.ts'), directory, `${first}`];
    const env = { ...process.env, NODE_NO_WARNINGS: '1' };
    const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
    const ended = once(writer, 'exit');
    const accepted: number[] = [];
    for await (const line of createInterface({ input: writer.stdout })) {
      accepted.push(Number(line));
      if (accepted.length === samples) writer.kill('SIGKILL');
    }
    await ended;
    return accepted;
  }

  it('has every sample that was accepted, once and in order', async () => {
    const accepted: number[] = [];
    for (const samples of [1, 40, 700, 2_000]) accepted.push(...(await writeAndKill(accepted.length, samples)));
    const engine = new DuckDbEngine({ path: join(directory, 'metrics.duckdb'), memoryMiB: 128 });
    const store = new BufferedStore('store', engine, { directory: join(directory, 'buffer') });
    store.start();
    await store.settled();
    const query = { measurement: 'vm', select: [[{ type: 'field', params: ['cpu_ratio'] }]] };
    const range = { from: 0, to: sampleAt(1_000_000).at, intervalMs: 1_000 };
    const { frames } = await store.query(planQuery(query, range));
    const stored = new Set(frames[0]?.times);
    assert.equal(stored.size, frames[0]?.times.length);
    assert.deepEqual(
      accepted.filter((number) => !stored.has(sampleAt(number).at)),
      [],
    );
    assert.deepEqual(
      frames[0]?.times,
      [...stored].sort((one, other) => one - other),
    );
    await store.stop();
  });
});
