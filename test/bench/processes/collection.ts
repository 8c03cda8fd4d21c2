import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { defaultMqttSettings } from '../../../lib/api/mqtt/settings.ts';
import { metricTiers } from '../../../lib/drivers/driver.ts';
import { DriverRegistry } from '../../../lib/drivers/registry.ts';
import { Platform } from '../../../lib/platform.ts';
import { simulatorDriver } from '../../../plugins/simulator/index.ts';
import { silent } from '../../platform-on-simulator.ts';

/** In bytes. */
export interface MemoryMark {
  /** What is alive after a full collection, buffers included. */
  readonly heap: number;
  readonly resident: number;
}

/** What the collection of a fleet cost. */
export interface Collected {
  readonly rounds: number;
  readonly late: number;
  readonly failed: number;
  /** Of all tiers, in the mean. */
  readonly samples: number;
  /** Processor time of all threads, from each round's samples to the next one's: milliseconds. */
  readonly cpuMs: readonly number[];
  /** The simulator's part of that. */
  readonly simulatorMs: readonly number[];
  /** How long a round took until its samples were there. */
  readonly tookMs: readonly number[];
  readonly longestBlockMs: number;
  readonly marks: readonly [start: MemoryMark, middle: MemoryMark, end: MemoryMark];
  readonly mostResident: number;
  /** What was sampled and is not in the store yet. */
  readonly waiting: number;
}

/** Rounds that do not count, before and after the store has met all series: for compilers and caches. */
const warmUp = 3;

/**
 * `node --expose-gc collection.ts VMS SECONDS ROUNDS DIRECTORY` runs the whole platform over a simulated fleet, all tiers
 * every so many seconds, and prints as JSON what that cost. A line for each minute goes to standard error.
 */
async function main(vms: number, seconds: number, rounds: number, directory: string): Promise<void> {
  const intervals = Object.fromEntries(metricTiers.map((tier) => [tier, seconds]));
  writeFileSync(join(directory, 'metrics.json'), JSON.stringify({ intervals }));
  const drivers = new DriverRegistry();
  drivers.register(simulatorDriver);
  const mqtt = { ...defaultMqttSettings, broker: 'off' as const };
  const platform = new Platform({ dataDirectory: directory, log: silent, drivers, mqtt });
  platform.start();
  const uri = `simulator:///bench?hosts=${Math.ceil(vms / 40)}&vms=${vms}&latencyMs=0`;
  const connection = platform.connections.acquire({ name: 'bench', driver: 'simulator', uri }, 'bench');
  await connection.connected();
  await roundsOf(platform, warmUp);
  await platform.metrics.store.settled(); // it has met all series now
  await roundsOf(platform, warmUp);

  const before = stateOf(platform);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  let samples = 0;
  platform.metrics.samples.subscribe((told) => {
    samples += told.length;
  });
  const cpuMs: number[] = [];
  const tookMs: number[] = [];
  const marks: MemoryMark[] = [memory()];
  let mostResident = 0;
  for (let round = 1; round <= rounds; round += 1) {
    delay.enable();
    const start = process.cpuUsage();
    await roundsOf(platform, 1);
    cpuMs.push(sum(process.cpuUsage(start)) / 1_000);
    delay.disable(); // the full collections of this measurement are not the collection's
    tookMs.push(stateOf(platform).tookMs);
    mostResident = Math.max(mostResident, process.memoryUsage.rss());
    if (round === Math.ceil(rounds / 2) || round === rounds) marks.push(memory());
    if ((round * seconds) % 60 < seconds) tell(round, platform);
  }
  const { late, failed } = stateOf(platform);
  const simulatorMs: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const start = process.cpuUsage();
    await connection.sample(new Set(metricTiers), new AbortController().signal);
    simulatorMs.push(sum(process.cpuUsage(start)) / 1_000);
  }
  await platform.metrics.store.settled();
  const { waiting } = platform.metrics.store.state;
  const [first = memory(), middle = first, end = middle] = marks;
  const collected: Collected = {
    rounds,
    late: late - before.late,
    failed: failed - before.failed,
    samples: samples / rounds,
    cpuMs,
    simulatorMs,
    tookMs,
    longestBlockMs: delay.max / 1e6,
    marks: [first, middle, end],
    mostResident,
    waiting,
  };
  console.log(JSON.stringify(collected));
  await platform.stop();
}

/** Resolves when so many rounds of the hypervisor's figures have been told; those of guests' agents come beside them. */
function roundsOf(platform: Platform, count: number): Promise<void> {
  return new Promise((resolve) => {
    let told = 0;
    const unsubscribe = platform.metrics.samples.subscribe((samples) => {
      if (!samples.some(({ measurement }) => measurement === 'vm')) return;
      told += 1;
      if (told < count) return;
      unsubscribe();
      resolve();
    });
  });
}

function stateOf(platform: Platform) {
  const state = platform.metrics.collections().get('bench');
  if (!state) throw new Error('the fleet is not collected');
  return state;
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

function memory(): MemoryMark {
  // Twice: what a finaliser lets go of is garbage only then.
  for (let i = 0; i < 2; i += 1) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

function tell(round: number, platform: Platform): void {
  const { late, failed, tookMs } = stateOf(platform);
  const resident = Math.round(process.memoryUsage.rss() / 2 ** 20);
  console.error(
    `round ${round}: ${late} late, ${failed} failed, took ${Math.round(tookMs)} ms, ${resident} MiB resident`,
  );
}

const [vms = '500', seconds = '2', rounds = '5', directory = ''] = process.argv.slice(2);
await main(Number(vms), Number(seconds), Number(rounds), directory);
