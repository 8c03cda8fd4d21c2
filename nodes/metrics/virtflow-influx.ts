import { join } from 'node:path';
import { InfluxSink, type SinkState } from '../../lib/metrics/influx.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import { NodeFailure } from '../runtime/failure.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { modeOf } from '../runtime/parameters.ts';
import type { NodeRed } from '../runtime/red.ts';
import { timeOfDay } from '../runtime/status.ts';
import { samplesOf } from './samples.ts';
import { influxSettings } from './virtflow-influxdb.ts';

const fields = [
  {
    kind: 'node',
    name: 'server',
    label: 'Server',
    description: 'The InfluxDB server and database to write to.',
    icon: 'fa-database',
    nodeType: 'virtflow-influxdb',
    required: true,
  },
  {
    kind: 'number',
    name: 'bufferMiB',
    label: 'Buffer',
    description: 'How much may wait on disk while the server is away; beyond it the oldest samples are given up.',
    icon: 'fa-hdd-o',
    default: 512,
    minimum: 1,
    maximum: 102_400,
    integer: true,
    unit: 'MiB',
  },
] as const satisfies readonly Field[];

export const influxDescription = {
  type: 'virtflow-influx',
  version: 1,
  category: 'virtflow',
  colour: colours.metric,
  icon: 'font-awesome/fa-database',
  inputs: 1,
  outputs: 0,
  label: 'influx',
  summary: 'Writes samples to InfluxDB; they wait on disk while the server is away, and none is lost or doubled.',
  inputLabel: 'samples',
  fields,
} as const satisfies NodeDescription<typeof fields>;

type SinkNode = NodeContext<typeof fields>;

/** How long a deploy may wait for what is being sent; the rest stays on disk. */
const flushMs = 2_000;

export function registerInflux(RED: NodeRed): void {
  defineNode(RED, { description: influxDescription, open });
}

function open(node: SinkNode): LiveNode {
  const sink = new InfluxSink(influxSettings(node.config.server), {
    directory: join(node.platform.dataDirectory, 'spool', node.id),
    bufferBytes: node.config.bufferMiB * 2 ** 20,
    reveal: node.platform.secrets.reveal,
  });
  let problem = '';
  node.listen(sink.states, (state) => {
    show(node, state);
    // A server that is away is told of once, not at each attempt.
    const code = state.error?.code ?? '';
    if (state.error && code !== problem) node.report(new NodeFailure(state.error));
    problem = code;
  });
  sink.start();
  return {
    input: (message) => {
      const samples = samplesOf(message.payload);
      if (modeOf(node, 'run', message) === 'run') return sink.write(samples);
      node.status({ fill: 'grey', shape: 'dot', text: `${node.words('status.planned')} ${timeOfDay()}` });
    },
    close: () => sink.stop(flushMs),
  };
}

function show(node: SinkNode, { connected, waiting, written, error }: SinkState): void {
  if (error && !connected) {
    node.status({ fill: 'yellow', shape: 'ring', text: node.words('status.waiting', { count: waiting }) });
  } else if (error) {
    node.status({ fill: 'red', shape: 'ring', text: error.code });
  } else {
    node.status({ fill: 'green', shape: 'dot', text: node.words('status.written', { count: written }) });
  }
}
