import { plain } from '../figures.ts';
import { NodeRedProcess } from '../node-red.ts';
import { packagePath } from '../package.ts';
import { rounds } from '../rounds.ts';
import type { Row } from '../row.ts';

const vms = 24;
const repetitions = 10;

export const flowMessages: Row = {
  id: 'flow-messages',
  title: 'Messages through an action node, on the simulator',
  needs: [],
  notes: [
    'Embedded Node-RED; one message at a time for each VM that runs, which are about 20.',
    'Every message is an operation, on disk (fsync) before its call leaves.',
  ],
  async measure({ rounds: count }) {
    const nodeRed = await NodeRedProcess.start(packagePath());
    try {
      const { running = [] } = await nodeRed.ask({ type: 'deploy', flows, connection: 'bench' });
      const send = (...actions: string[]) => messagesPerSecond(nodeRed, actions, running);
      const values = await rounds(
        {
          noop: () => send('vm.start'),
          switches: () => send('vm.pause', 'vm.resume'),
        },
        { count, warmUp: 2 },
      );
      return [
        plain('start of a VM that runs: nothing to do', values.noop, '/s'),
        plain('pause and resume', values.switches, '/s'),
      ];
    } finally {
      await nodeRed.stop();
    }
  },
};

const flows = [
  { id: 'tab', type: 'tab', label: 'bench' },
  {
    id: 'connection',
    type: 'virtflow-connection',
    version: 1,
    name: 'bench',
    driver: 'simulator',
    uri: `simulator:///bench?hosts=1&vms=${vms}&latencyMs=0`,
  },
  {
    id: 'action',
    type: 'virtflow-action',
    z: 'tab',
    version: 1,
    name: '',
    action: 'msg',
    target: { mode: 'message', names: [], selector: '', property: 'target' },
    parameters: '{}',
    parametersType: 'json',
    timeoutSeconds: null,
    wires: [['end']],
  },
  { id: 'end', type: 'debug', z: 'tab', active: false, complete: 'payload', wires: [] },
];

/** Does one action after the other with every target, and all of that again and again. */
async function messagesPerSecond(
  nodeRed: NodeRedProcess,
  actions: readonly string[],
  targets: readonly string[],
): Promise<number> {
  const each = actions.flatMap((action) => targets.map((target) => ({ action, target })));
  const messages = Array.from({ length: repetitions }, () => each).flat();
  const { ms = Number.NaN } = await nodeRed.ask({ type: 'pump', node: 'action', messages, inFlight: targets.length });
  return (messages.length * 1000) / ms;
}
