import { join } from 'node:path';
import { run } from '../../lab/command.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { atMost, type Figure, median, plain, ratio } from '../figures.ts';
import type { Collected } from '../processes/collection.ts';
import type { Row } from '../row.ts';

const program = join(import.meta.dirname, '../processes/collection.ts');
const vms = 5_000;
const intervalSeconds = 10;

export const collection: Row = {
  id: 'collection',
  title: `Collection of ${vms.toLocaleString('en')} VMs every ${intervalSeconds} s`,
  needs: [],
  notes: [
    'The whole platform in one process: the simulator, all tiers in each round, rates, sums, rules, and DuckDB on disk.',
    'Processor time is that of all threads. Heap: what is alive after a full collection, buffers included.',
    'The event loop stands still while samples are made of readings and handed to the store.',
  ],
  async measure({ rounds, minutes, log }) {
    const sizes = [500, 1_000, vms];
    const costs: Collected[] = [];
    for (const size of sizes) costs.push(await collected(size, 2, rounds * 2, log));
    const watched = await collected(vms, intervalSeconds, Math.round((minutes * 60) / intervalSeconds), log);
    return [...growth(sizes, costs), ...overTime(watched, minutes)];
  },
};

/** What a round costs for each VM; as much for many as for few when the cost is linear. */
function growth(sizes: readonly number[], costs: readonly Collected[]): Figure[] {
  const perVm = costs.map(({ cpuMs }, index) => cpuMs.map((ms) => (ms * 1_000) / (sizes[index] ?? 1)));
  const reference = { name: 'with the fewest', values: perVm[0] ?? [] };
  return sizes.map((size, index) =>
    ratio(`a round, for each of ${size.toLocaleString('en')} VMs`, perVm[index] ?? [], 'µs', reference, {
      atMost: 1.3,
    }),
  );
}

function overTime(watched: Collected, minutes: number): Figure[] {
  const { rounds, late, failed, samples, cpuMs, simulatorMs, tookMs, longestBlockMs, marks, mostResident } = watched;
  const [start, middle, end] = marks;
  const share = (ms: number) => ms / (intervalSeconds * 10);
  const mean = cpuMs.reduce((total, ms) => total + ms, 0) / cpuMs.length;
  const over = `over ${minutes} min`;
  const mib = (bytes: number) => bytes / 2 ** 20;
  return [
    { what: `rounds ${over}`, value: rounds, unit: 'rounds' },
    atMost('rounds late or left out', late, 'rounds', 0),
    atMost('rounds that failed', failed, 'rounds', 0),
    { what: 'samples in a round', value: samples, unit: 'samples' },
    atMost('samples that are not in the store afterwards', watched.waiting, 'samples', 0),
    { what: `processor time ${over}, mean`, value: share(mean), unit: '% of a core' },
    { what: 'of that the simulator', value: share(median(simulatorMs)), unit: '% of a core' },
    plain('a round until its samples are there', tookMs, 'ms'),
    { what: 'the event loop, longest standstill', value: longestBlockMs, unit: 'ms' },
    { what: 'heap at the start', value: mib(start.heap), unit: 'MiB' },
    compared('heap in the middle', mib(middle.heap), mib(start.heap)),
    compared('heap at the end', mib(end.heap), mib(start.heap)),
    { what: 'resident at the start', value: mib(start.resident), unit: 'MiB' },
    { what: 'resident in the middle', value: mib(middle.resident), unit: 'MiB' },
    { what: 'resident at the end', value: mib(end.resident), unit: 'MiB' },
    { what: 'resident, most', value: mib(mostResident), unit: 'MiB' },
  ];
}

function compared(what: string, value: number, start: number): Figure {
  return ratio(what, [value], 'MiB', { name: 'the start', values: [start] }, { atMost: 1.1 });
}

async function collected(
  size: number,
  seconds: number,
  rounds: number,
  log: (line: string) => void,
): Promise<Collected> {
  log(`${size} VMs, ${rounds} rounds, one every ${seconds} s`);
  const directory = await ownDirectory(`bench-collection-${size}-${seconds}`);
  const args = ['--expose-gc', program, String(size), String(seconds), String(rounds), directory];
  const timeoutMs = (rounds + 20) * seconds * 1_000 + 120_000;
  const onLine = (line: string) => {
    if (line.startsWith('round ')) log(line);
  };
  return JSON.parse(await run(process.execPath, args, { timeoutMs, onLine }));
}
