import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../lab/condition.ts';
import { OwnedProcess } from '../../lab/process.ts';
import { type Prometheus, startPrometheus } from '../../lab/prometheus.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { median, plain, ratio } from '../figures.ts';
import { fleetRounds, fleetRules, fleetText } from '../fleet.ts';
import { rounds } from '../rounds.ts';
import type { Row } from '../row.ts';

const vms = 10_000;
const rulesCount = 20;
const intervalSeconds = 5;
const program = join(import.meta.dirname, '../processes/rules.ts');

/** What the process says of a round; times in ms, sizes in bytes. */
interface Round {
  readonly tookMs: number;
  readonly cpuMs: number;
  readonly firing: number;
  readonly heap: number;
  readonly resident: number;
}

export const rules: Row = {
  id: 'rules',
  title: `Rules: ${vms.toLocaleString('en')} VMs under ${rulesCount}, beside Prometheus`,
  needs: ['prometheus'],
  notes: [
    'The same five figures of each VM and the same rules with hold times; one object in a hundred fires under each. A round is ' +
      'what it takes to judge all VMs under all rules once, with what each keeps of it on disk: for Prometheus, what it says ' +
      'of its rule group (prometheus_rule_group_last_duration_seconds).',
    'CPU time does not depend on what else the machine does; that of Prometheus is of a whole interval, with its scrape.',
    `Prometheus scrapes and judges every ${intervalSeconds} s; its memory holds the series that it scraped as well, and reads them ` +
      'for each rule. virtflow is given samples; its memory is that of the process that judges.',
  ],
  async measure({ rounds: count, log }) {
    const source = await fleetServer();
    const prometheus = await startPrometheus({ intervalSeconds, target: source.address, rules: groupRules() });
    const engine = new Engine(join(await ownDirectory('bench-rules'), 'state.db'));
    try {
      log('waits until as many fire in both');
      await until(
        'all that fires fires',
        async () => (await firingIn(prometheus)) >= firingAtLeast || undefined,
        240_000,
      );
      const cpuMs: number[] = [];
      const virtflow = async () => {
        const { tookMs, cpuMs: own } = await engine.round();
        cpuMs.push(own);
        return tookMs;
      };
      const begun = await prometheus.metrics();
      const values = await rounds({ prometheus: () => roundOf(prometheus), virtflow }, { count, warmUp: 3 });
      const last = await engine.round();
      if (last.firing < firingAtLeast) throw new Error(`${last.firing} fire here`);
      const figures = await prometheus.metrics();
      const theirs = { name: 'Prometheus 2.42', values: values.prometheus };
      const MiB = (bytes: number) => [bytes / 2 ** 20];
      const residentOfTheirs = {
        name: 'Prometheus 2.42',
        values: MiB(figures.get('process_resident_memory_bytes') ?? 0),
      };
      return [
        ratio('a round', values.virtflow, 'ms', theirs, { atMost: 1 }),
        plain('a round of Prometheus', values.prometheus, 'ms'),
        ratio('a round, CPU time', [median(cpuMs)], 'ms', {
          name: 'Prometheus 2.42',
          values: [cpuMsEach(begun, figures)],
        }),
        ratio('memory, resident', MiB(last.resident), 'MiB', residentOfTheirs, { atMost: 1 }),
        plain('memory, heap after a full collection', MiB(last.heap), 'MiB'),
        plain('memory of Prometheus, resident', residentOfTheirs.values, 'MiB'),
      ];
    } finally {
      await engine.stop();
      await prometheus.stop();
      source.close();
    }
  },
};

/** What has too much always, under each rule. */
const firingAtLeast = (vms / 100) * rulesCount;

function groupRules(): object[] {
  return fleetRules(rulesCount).map(({ name, field, threshold, forSeconds }) => ({
    alert: name,
    expr: `vm_${field} > ${threshold}`,
    for: `${forSeconds}s`,
  }));
}

/** CPU time between two looks, for each evaluation. */
function cpuMsEach(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  const grown = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN);
  return (grown('process_cpu_seconds_total') * 1000) / grown('prometheus_rule_group_iterations_total');
}

/** Serves the figures of a fleet that goes on each time it is asked. */
async function fleetServer(): Promise<{ address: string; close(): void }> {
  const texts = Array.from({ length: fleetRounds }, (_, round) => fleetText(vms, round));
  let round = 0;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(texts[round % fleetRounds]);
    round += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

async function firingIn({ url }: Prometheus): Promise<number> {
  const query = encodeURIComponent('count(ALERTS{alertstate="firing"})');
  const answer: { data: { result: { value: [number, string] }[] } } = JSON.parse(
    await (await fetch(`${url}/api/v1/query?query=${query}`)).text(),
  );
  return Number(answer.data.result[0]?.value[1] ?? 0);
}

/** How long its next evaluation of the group takes. */
async function roundOf(prometheus: Prometheus): Promise<number> {
  const iterations = async () => (await prometheus.metrics()).get('prometheus_rule_group_iterations_total') ?? 0;
  const before = await iterations();
  while ((await iterations()) === before) await pause(200);
  return ((await prometheus.metrics()).get('prometheus_rule_group_last_duration_seconds') ?? Number.NaN) * 1000;
}

/** The process that judges, a round at a time. */
class Engine {
  readonly #process: OwnedProcess;

  constructor(path: string) {
    this.#process = new OwnedProcess(process.execPath, ['--expose-gc', program, String(vms), String(rulesCount), path]);
  }

  async round(): Promise<Round> {
    const line = this.#process.line('round ');
    this.#process.child.stdin.write('\n');
    return JSON.parse(await line);
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
