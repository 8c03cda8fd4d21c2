import { Type } from 'typebox';
import { resolveTarget } from '../../lib/inventory/target.ts';
import type { Summaries } from '../../lib/metrics/summary.ts';
import type { Measurement } from '../../lib/model/reading.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { targetField } from '../forms/shared-fields.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { standingOrigin } from '../runtime/origin.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { sendList } from '../runtime/send-list.ts';
import { targetOf } from '../runtime/targets.ts';
import { figureField, invalid, lastField, measurementField, parametersIn, rangeOf, rangeParameters } from './asked.ts';

const fields = [
  measurementField,
  {
    ...targetField,
    label: 'VMs',
    shared: false,
    description: 'Which VMs. msg.target wins over what is chosen here.',
    showIf: { field: 'measurement', values: ['vm', 'vm_disk', 'vm_nic', 'vm_filesystem'] },
    modes: ['all', 'selector', 'list', 'message'],
  },
  figureField,
  lastField,
  {
    kind: 'choice',
    name: 'output',
    label: 'Send',
    description: 'One message with a list, or a message for each.',
    icon: 'fa-sign-out',
    default: 'list',
    options: [
      { value: 'list', label: 'one list' },
      { value: 'each', label: 'a message for each' },
    ],
  },
] as const satisfies readonly Field[];

export const metricSummaryDescription = {
  type: 'virtflow-metric-summary',
  version: 1,
  category: 'virtflow',
  colour: colours.query,
  icon: 'font-awesome/fa-bar-chart',
  inputs: 1,
  outputs: 1,
  label: 'metric summary',
  summary: 'Tells of a figure of each object over a time: the least, the mean, the greatest, the 95th percentile.',
  outputLabels: ['summaries'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

type SummaryNode = NodeContext<typeof fields>;

const Parameters = Type.Object({
  measurement: Type.Optional(Type.String({ maxLength: 200 })),
  field: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  ...rangeParameters,
});

export function registerMetricSummary(RED: NodeRed): void {
  defineNode(RED, { description: metricSummaryDescription, open });
}

function open(node: SummaryNode): LiveNode {
  return {
    async input(message, send) {
      const { summaries, missingBefore = null } = await summarise(node, message);
      node.status({ fill: 'grey', shape: 'dot', text: node.words('status.series', { count: summaries.length }) });
      message.missingBefore = missingBefore;
      sendList(send, message, summaries, node.config.output);
    },
  };
}

async function summarise(node: SummaryNode, message: Message): Promise<Summaries> {
  const { metrics, access } = node.platform;
  const given = parametersIn(Parameters, message);
  const measurement = measurementOf(given.measurement ?? node.config.measurement);
  const wanted = await wantedBy(node, message, measurement);
  const sees = await access.sightOf(standingOrigin(node)).figures();
  return metrics.summary(
    { measurement, field: given.field ?? node.config.field, ...rangeOf(given, node.config.last) },
    { signal: node.signal, sees: (tags) => (wanted?.(tags) ?? true) && (sees?.(tags) ?? true) },
  );
}

function measurementOf(name: string): Measurement {
  const found = measurementField.options.find(({ value }) => value === name);
  if (found) return found.value;
  throw invalid('measurement', `one of ${measurementField.options.map(({ value }) => value).join(', ')} is needed`);
}

type Fits = (tags: Readonly<Record<string, string>>) => boolean;

const kinds = { host: 'host', storage_pool: 'storage-pool' } as const;

/** What is chosen; undefined when all are, also those that are gone. */
async function wantedBy(node: SummaryNode, message: Message, measurement: Measurement): Promise<Fits | undefined> {
  const ofVms = measurement.startsWith('vm');
  const target = ofVms ? targetOf(node, message, node.config.target) : message.target;
  const all = ofVms && message.target === undefined && node.config.target.mode === 'all';
  if (all || (!ofVms && target === undefined)) return undefined;
  if (measurement === 'pool') return connectionsIn(target);
  const kind = measurement === 'host' || measurement === 'storage_pool' ? kinds[measurement] : 'vm';
  const found = await resolveTarget(node.platform.inventory, target, { kind });
  const keys = new Set(found.map(keyOf));
  return ({ connection = '', id = '' }) => keys.has(keyOf({ connection, id }));
}

/** The sums over a connection's hosts go by its name. */
function connectionsIn(target: unknown): Fits {
  const names: readonly unknown[] = Array.isArray(target) ? target : [target];
  if (!names.every((name) => typeof name === 'string')) throw invalid('target', 'names of connections are needed');
  return ({ connection = '' }) => names.includes(connection);
}

function keyOf({ connection, id }: { readonly connection: string; readonly id: string }): string {
  return JSON.stringify([connection, id]);
}
