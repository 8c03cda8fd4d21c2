import type { HypervisorConnection, MetricTier } from '../../lib/drivers/driver.ts';
import { Collector, defaultIntervalsMs } from '../../lib/metrics/collector.ts';
import type { Sample } from '../../lib/model/reading.ts';
import type { Field, NumberField } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { anyConnectionField } from '../forms/shared-fields.ts';
import { connectionName } from '../runtime/connection-names.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';

function interval<T extends MetricTier, L extends string>(tier: T, label: L, row: string) {
  return {
    kind: 'number',
    name: `${tier}Seconds`,
    label,
    description: 'Seconds between two readings of these figures; 0 leaves them out.',
    icon: 'fa-clock-o',
    row,
    default: defaultIntervalsMs[tier] / 1000,
    minimum: 0,
    maximum: 86_400,
    unit: 's',
  } as const satisfies NumberField;
}

const fields = [
  anyConnectionField,
  interval('cpu', 'CPU every', 'vm'),
  interval('memory', 'memory', 'vm'),
  interval('disk', 'Disks every', 'devices'),
  interval('network', 'network', 'devices'),
  interval('filesystem', 'File systems every', 'guests'),
  interval('host', 'Hosts every', 'hosts'),
  interval('storage', 'storage', 'hosts'),
  interval('state', 'State every', 'state'),
  {
    kind: 'choice',
    name: 'output',
    label: 'Send',
    description: 'All samples of a round in one message, or a message for each.',
    icon: 'fa-sign-out',
    default: 'round',
    options: [
      { value: 'round', label: 'one list for each round' },
      { value: 'each', label: 'a message for each sample' },
    ],
  },
] as const satisfies readonly Field[];

export const metricsDescription = {
  type: 'virtflow-metrics',
  version: 1,
  category: 'virtflow',
  colour: colours.metric,
  icon: 'font-awesome/fa-area-chart',
  inputs: 0,
  outputs: 1,
  label: 'metrics',
  summary: 'Reads what hosts, VMs, disks, NICs, file systems and storage pools use, in as few requests as possible.',
  outputLabels: ['samples'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

type MetricsNode = NodeContext<typeof fields>;

export function registerMetrics(RED: NodeRed): void {
  defineNode(RED, { description: metricsDescription, open });
}

function open(node: MetricsNode): LiveNode {
  const collectors = new Map<HypervisorConnection, Collector>();
  const { connections } = node.platform;
  // Another connection of the same name comes with every change of its settings.
  const follow = () => {
    const wanted = connections.list().filter(({ name }) => name === (connectionName(node.config.connection) ?? name));
    for (const [connection, collector] of collectors) {
      if (wanted.includes(connection)) continue;
      collectors.delete(connection);
      node.guard(() => collector.stop());
    }
    for (const connection of wanted) {
      if (!collectors.has(connection)) collectors.set(connection, collect(node, connection));
    }
  };
  node.listen(connections.states, follow);
  follow();
  return {
    close: async () => {
      await Promise.all([...collectors.values()].map((collector) => collector.stop()));
    },
  };
}

function collect(node: MetricsNode, connection: HypervisorConnection): Collector {
  const collector = new Collector(connection, { intervalsMs: intervalsOf(node.config) });
  node.listen(collector.samples, (samples) => tell(node, connection.name, samples));
  node.listen(collector.states, ({ samples, error }) => {
    if (error) node.status({ fill: 'red', shape: 'ring', text: error.code });
    else node.status({ fill: 'green', shape: 'dot', text: node.words('status.samples', { count: samples }) });
  });
  collector.start();
  return collector;
}

function tell(node: MetricsNode, connection: string, samples: readonly Sample[]): void {
  if (node.config.output === 'round') node.send({ topic: connection, payload: samples });
  else node.send([samples.map((sample) => ({ topic: `${connection}/${sample.measurement}`, payload: sample }))]);
}

function intervalsOf(config: MetricsNode['config']): Record<MetricTier, number> {
  return {
    state: config.stateSeconds * 1000,
    cpu: config.cpuSeconds * 1000,
    memory: config.memorySeconds * 1000,
    disk: config.diskSeconds * 1000,
    network: config.networkSeconds * 1000,
    filesystem: config.filesystemSeconds * 1000,
    host: config.hostSeconds * 1000,
    storage: config.storageSeconds * 1000,
  };
}
