import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import { planQuery } from '../../../lib/metrics/store/structured-query.ts';
import { houseSamples } from '../../dashboards/house-samples.ts';

const to = Date.UTC(2026, 0, 3);
const from = to - 6 * 3_600_000;
const hosts = ['node-01', 'node-02', 'node-03', 'gone'];

describe('questions that are asked of DuckDB at once', function () {
  this.timeout(30_000);
  const directory = mkdtempSync(join(tmpdir(), 'scans-'));
  const engine = new DuckDbEngine({ path: join(directory, 'metrics.duckdb'), memoryMiB: 128 });

  before(async () => {
    await engine.write([...houseSamples({ hosts: 3, vms: 9, from, to, stepMs: 60_000 })].flat());
  });
  after(async () => {
    await engine.close();
    rmSync(directory, { recursive: true });
  });

  const ask = (measurement: string, host: string, every: string | undefined, what: object[], signal?: AbortSignal) => {
    const groupBy = [{ type: 'tag', params: ['name'] }, ...(every ? [{ type: 'time', params: [every] }] : [])];
    const tags = [{ key: 'host', operator: '=~', value: `/^${host}$/` }];
    const plan = planQuery({ measurement, select: [what], groupBy, tags }, { from, to, intervalMs: 60_000 });
    return engine.query(plan, signal ? { signal } : {});
  };
  const field = (name: string) => ({ type: 'field', params: [name] });
  const all = hosts.flatMap((host) => [
    () => ask('vm', host, '10m', [field('cpu_ratio'), { type: 'mean' }]),
    () => ask('vm', host, '10m', [field('cpu_ratio'), { type: 'max' }]),
    () => ask('vm', host, '1h', [field('cpu_ratio'), { type: 'mean' }]),
    () => ask('vm', host, undefined, [field('cpu_ratio'), { type: 'last' }]),
    () => ask('vm', host, undefined, [field('cpu_ratio')]),
    () => ask('vm_disk', host, '10m', [field('write_bytes_per_second'), { type: 'mean' }]),
  ]);

  it('are answered as they are one after the other', async () => {
    const alone = [];
    for (const one of all) alone.push(await one());
    assert.deepEqual(await Promise.all(all.map((one) => one())), alone);
    assert.ok(alone.filter(({ frames }) => frames.length === 3).length === 18);
  });

  it('keep what one gave up from the others', async () => {
    const gone = new AbortController();
    const mean = [field('cpu_ratio'), { type: 'mean' }];
    const given = assert.rejects(ask('vm', 'node-01', '10m', mean, gone.signal), { name: 'AbortError' });
    const other = ask('vm', 'node-01', '10m', mean);
    gone.abort();
    await given;
    assert.equal((await other).frames.length, 3);
  });
});
