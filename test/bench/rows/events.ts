import type { HypervisorConnection } from '../../../lib/drivers/driver.ts';
import { libvirtDriver } from '../../../plugins/libvirt/index.ts';
import { until } from '../../lab/condition.ts';
import { startTestDaemon, type TestDaemon } from '../../lab/daemon.ts';
import { CClient, CListener } from '../c-client.ts';
import { difference, median, plain } from '../figures.ts';
import { NodeRedProcess } from '../node-red.ts';
import { packagePath } from '../package.ts';
import { rounds } from '../rounds.ts';
import type { Row } from '../row.ts';
import { openHost } from '../test-domains.ts';

const switches = 60;
/** Switches at the beginning that do not count: a new process meets its code for the first time. */
const firstSwitches = 20;
const pauseMs = 2;

/** Somebody who listens to lifecycle events, and when they came: CLOCK_MONOTONIC, in ns. */
interface Listener {
  times(): Promise<readonly bigint[]>;
  stop(): Promise<void>;
}

export const events: Row = {
  id: 'events',
  title: "An event's way from the call that causes it to the one who listens",
  needs: ['libvirt-daemon', 'bench'],
  notes: [
    "libvirtd's test driver; a C program suspends and resumes a domain, and tells when it called.",
    'Only the one that is measured listens. All clocks are CLOCK_MONOTONIC of one machine.',
  ],
  async measure({ rounds: count }) {
    const daemon = await startTestDaemon();
    const trigger = await CClient.connect(daemon.uri);
    const nodeRed = await NodeRedProcess.start(packagePath());
    try {
      const values = await rounds(
        {
          c: () => latencyMs(trigger, () => listenWithC(daemon)),
          client: () => latencyMs(trigger, () => listenWithClient(daemon)),
          driver: () => latencyMs(trigger, () => listenWithDriver(daemon)),
          flow: () => latencyMs(trigger, () => listenWithFlow(daemon, nodeRed)),
        },
        { count: count * 2, warmUp: 3 },
      );
      const reference = { name: 'C', values: values.c };
      return [
        plain('C: callback', values.c, 'ms'),
        difference("virtflow: RPC client's listener", values.client, 'ms', reference, { atMost: 1 }),
        difference("virtflow: driver's observer", values.driver, 'ms', reference, { atMost: 1 }),
        difference('virtflow: message from a vm events node', values.flow, 'ms', reference, { atMost: 1 }),
      ];
    } finally {
      await Promise.all([trigger.stop(), nodeRed.stop()]);
      await daemon.stop();
    }
  },
};

/** The median over many events of the time from the call to the listener, in ms. */
async function latencyMs(trigger: CClient, listen: () => Promise<Listener>): Promise<number> {
  const listener = await listen();
  try {
    const calls = await trigger.switches(switches, pauseMs);
    const heard = await until('the events', async () => {
      const times = await listener.times();
      return times.length >= switches ? times : undefined;
    });
    if (heard.length !== switches) throw new Error(`${switches} events were caused, and ${heard.length} came`);
    const latencies = calls.map(({ before }, i) => Number((heard[i] ?? 0n) - before) / 1e6);
    return median(latencies.slice(firstSwitches));
  } finally {
    await listener.stop();
  }
}

async function listenWithC(daemon: TestDaemon): Promise<Listener> {
  const listener = await CListener.start(daemon.uri);
  return { times: async () => listener.times, stop: () => listener.stop() };
}

async function listenWithClient(daemon: TestDaemon): Promise<Listener> {
  const host = await openHost(daemon);
  const times: bigint[] = [];
  await host.subscribe('domain.lifecycle', () => times.push(process.hrtime.bigint()));
  return { times: async () => times, stop: () => host.close() };
}

async function listenWithDriver(daemon: TestDaemon): Promise<Listener> {
  const times: bigint[] = [];
  const connection: HypervisorConnection = libvirtDriver.connect(
    { name: 'bench', driver: 'libvirt', uri: daemon.uri },
    {
      state() {},
      inventory() {},
      task() {},
      event: ({ object }) => object.kind === 'vm' && times.push(process.hrtime.bigint()),
    },
  );
  connection.start();
  await connection.connected();
  return { times: async () => times, stop: () => connection.stop() };
}

async function listenWithFlow(daemon: TestDaemon, nodeRed: NodeRedProcess): Promise<Listener> {
  await nodeRed.ask({ type: 'deploy', flows: flowsFor(daemon.uri), connection: 'bench' });
  return {
    times: async () => ((await nodeRed.ask({ type: 'times' })).times ?? []).map(BigInt),
    stop: async () => {
      await nodeRed.ask({ type: 'deploy', flows: [] });
    },
  };
}

function flowsFor(uri: string): object[] {
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 'connection', type: 'virtflow-connection', version: 1, name: 'bench', driver: 'libvirt', uri },
    {
      id: 'events',
      type: 'virtflow-vm-events',
      z: 'tab',
      version: 1,
      name: '',
      types: [],
      target: { mode: 'all', names: [], selector: '', property: 'target' },
      connection: '',
      wires: [['end']],
    },
    { id: 'end', type: 'debug', z: 'tab', active: false, complete: 'payload', wires: [] },
  ];
}
