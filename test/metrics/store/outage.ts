import { join } from 'node:path';
import type { MetricStore } from '../../../lib/metrics/store/metric-store.ts';
import { planQuery } from '../../../lib/metrics/store/structured-query.ts';
import type { Sample } from '../../../lib/model/reading.ts';
import type { DrivenClock } from '../../calendar/driven-clock.ts';
import { OwnedProcess } from '../../lab/process.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const intervalMs = 10_000;
const roundsBefore = 30;
const roundsAway = 60;
const roundsAfter = 30;

export interface Outage {
  /** Each tells of itself every ten seconds. */
  readonly vms: number;
  away(): Promise<void>;
  back(): Promise<void>;
}

export interface AfterOutage {
  readonly written: number;
  /** On disk when the store came back. */
  readonly waited: number;
  readonly missing: number;
  /** Or that nobody wrote. */
  readonly doubled: number;
  /** How long it took until all was in the store, from when that was back. */
  readonly catchUpMs: number;
}

/**
 * Has samples written for five minutes, for ten more in which the store is away, and for five when it is back; then looks
 * for each of them. Time is the clock's, `store` goes by the same, and goes as fast as the machine allows.
 */
export async function throughOutage(store: MetricStore, clock: DrivenClock, outage: Outage): Promise<AfterOutage> {
  let round = 0;
  const goOn = async (rounds: number) => {
    for (const end = round + rounds; round < end; round++) {
      store.write(roundOf(round, outage.vms));
      await clock.run(intervalMs);
    }
  };
  await goOn(roundsBefore);
  await outage.away();
  await goOn(roundsAway);
  const waited = store.state.waiting;
  await outage.back();
  const back = performance.now();
  await goOn(roundsAfter);
  while (store.state.waiting > 0) await clock.run(1_000);
  const catchUpMs = performance.now() - back;
  return { written: round * outage.vms, waited, ...(await differences(store, round, outage.vms)), catchUpMs };
}

/** How a DuckDB file is away: virtflow begins anew while another process has it open. */
export function fileHeld(store: MetricStore, path: string): Pick<Outage, 'away' | 'back'> {
  let holder: OwnedProcess | undefined;
  return {
    away: async () => {
      await store.stop();
      holder = new OwnedProcess(process.execPath, [join(import.meta.dirname, 'holder.ts'), path]);
      await holder.line('held');
      store.start();
    },
    back: async () => {
      holder?.child.stdin.end();
      await holder?.ended();
    },
  };
}

function roundOf(round: number, vms: number): Sample[] {
  return Array.from({ length: vms }, (_, vm) => ({
    measurement: 'vm',
    tags: { connection: 'lab', host: `host-${vm % 10}`, id: `u-${vm}`, name: `vm-${vm}` },
    at: start + round * intervalMs + vm,
    fields: { cpu_ratio: ((round + vm) % 100) / 100, memory_used_bytes: vm * 2 ** 20 + round },
  }));
}

async function differences(store: MetricStore, rounds: number, vms: number) {
  const query = {
    measurement: 'vm',
    select: [[{ type: 'field', params: ['memory_used_bytes'] }]],
    groupBy: [{ type: 'tag', params: ['id'] }],
  };
  const range = { from: start - 86_400_000, to: start + 86_400_000, intervalMs };
  const { frames } = await store.query(planQuery(query, range));
  const stored = frames.flatMap(({ tags, times, columns }) =>
    times.map((at, row) => `${tags.id} ${at} ${columns[0]?.values[row]}`),
  );
  const expected = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    for (const { tags, at, fields } of roundOf(round, vms))
      expected.add(`${tags.id} ${at} ${fields.memory_used_bytes}`);
  }
  const missing = expected.size - new Set(stored.filter((row) => expected.has(row))).size;
  return { missing, doubled: stored.length - (expected.size - missing) };
}
