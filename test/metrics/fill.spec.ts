import assert from 'node:assert/strict';
import { FillForecast } from '../../lib/metrics/fill.ts';
import { neverDays } from '../../lib/metrics/trend.ts';
import type { Sample } from '../../lib/model/reading.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const begin = Date.UTC(2026, 4, 1);
const pool = { connection: 'lab', host: 'kvm1', id: 'p-1', name: 'images' };

function sample(hours: number, used: number, more: Partial<Sample> & { capacity?: number } = {}): Sample {
  const { capacity = 1_000, ...rest } = more;
  const fields = { used_bytes: used, capacity_bytes: capacity };
  return { measurement: 'storage_pool', tags: pool, at: begin + hours * hourMs, fields, ...rest };
}

/** What is foretold after the last of the samples, in days. */
function foretold(fill: FillForecast, samples: readonly Sample[]): number | undefined {
  const told = samples.map((one) => fill.foretold([one])[0]?.fields.full_in_seconds);
  const last = told.at(-1);
  return last === undefined ? undefined : last / 86_400;
}

/** A sample an hour, that fills by so many bytes a day. */
const course = (hours: number, perDay: number, from = 0) =>
  Array.from({ length: hours + 1 }, (_, hour) => sample(hour, from + (hour / 24) * perDay));

const near = (days: number | undefined, expected: number) =>
  assert.ok(Math.abs((days ?? Number.NaN) - expected) < expected * 0.02, `${days} and not ${expected}`);

describe('the forecast of the day on which a pool is full', () => {
  it('goes by the line through its past', () => {
    near(foretold(new FillForecast(), course(72, 100)), 7);
  });

  it('says nothing before a day of its past is known', () => {
    assert.equal(foretold(new FillForecast(), course(20, 100)), undefined);
    assert.notEqual(foretold(new FillForecast(), course(30, 100)), undefined);
  });

  it('is a hundred years where nothing fills, and now where all is full', () => {
    assert.equal(foretold(new FillForecast(), course(48, 0, 500)), neverDays);
    assert.equal(foretold(new FillForecast(), course(48, -10, 500)), neverDays);
    assert.equal(foretold(new FillForecast(), course(48, 1, 999)), 0);
  });

  it('goes by what a pool holds now, when it was made larger', () => {
    const fill = new FillForecast();
    foretold(fill, course(72, 100));
    near(foretold(fill, [sample(73, 304, { capacity: 2_000 })]), 17);
  });

  it('bears samples that are missing, and a day without any', () => {
    const gaps = course(96, 100).filter((_, hour) => hour % 5 !== 2 && (hour < 40 || hour > 64));
    near(foretold(new FillForecast(), gaps), 6);
  });

  it('goes on for a file system whose VM moves, and keeps file systems apart', () => {
    const fill = new FillForecast();
    const of = (mountpoint: string, host: string) => ({
      measurement: 'vm_filesystem' as const,
      tags: { connection: 'lab', host, id: 'v-1', name: 'web', mountpoint },
    });
    for (let hour = 0; hour <= 72; hour += 1) {
      const host = hour < 40 ? 'kvm1' : 'kvm2';
      fill.foretold([sample(hour, (hour / 24) * 100, of('/', host)), sample(hour, 500, of('/data', host))]);
    }
    const [root, data] = fill.foretold([sample(73, 304, of('/', 'kvm2')), sample(73, 500, of('/data', 'kvm2'))]);
    near((root?.fields.full_in_seconds ?? 0) / 86_400, 7);
    assert.equal(data?.fields.full_in_seconds, neverDays * 86_400);
  });

  it('is the same after a restart, from what is stored', () => {
    const samples = course(72, 100);
    const fill = new FillForecast();
    fill.foretold([sample(72, 300)]);
    const hours = Array.from({ length: 24 }, (_, index) => index * 3);
    const values = hours.map((hour) => ((hour + 1) / 24) * 100);
    const frame = {
      measurement: 'storage_pool',
      tags: { connection: 'lab', id: 'p-1' },
      times: hours.map((hour) => begin + hour * hourMs),
      columns: [{ column: 'mean', name: 'mean', values }],
    };
    fill.recall([frame], begin + 72 * hourMs);
    near(foretold(fill, [sample(73, 304)]), foretold(new FillForecast(), samples) ?? Number.NaN);
  });

  it('forgets what has told nothing for a week, also what was only stored', () => {
    const fill = new FillForecast();
    foretold(fill, course(72, 100));
    const tags = { connection: 'lab', id: 'p-3' };
    const columns = [{ column: 'mean', name: 'mean', values: [1] }];
    fill.recall([{ measurement: 'storage_pool', tags, times: [begin], columns }], begin + 72 * hourMs);
    assert.equal(fill.size, 2);
    foretold(fill, [sample(264, 900, { tags: { ...pool, id: 'p-2' } })]);
    assert.equal(fill.size, 1);
    assert.equal(foretold(fill, [sample(270, 900)]), undefined);
  });
});
