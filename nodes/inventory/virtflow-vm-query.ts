import { resolveTarget } from '../../lib/inventory/target.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Vm } from '../../lib/model/objects.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { anyConnectionField, targetField } from '../forms/shared-fields.ts';
import { connectionName } from '../runtime/connection-names.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { Message, NodeRed, Send } from '../runtime/red.ts';
import { sendList } from '../runtime/send-list.ts';
import { targetOf } from '../runtime/targets.ts';

const fields = [
  {
    ...targetField,
    label: 'VMs',
    shared: false,
    description: 'Which VMs. msg.target wins over what is chosen here.',
    modes: ['all', 'selector', 'list', 'message'],
  },
  anyConnectionField,
  {
    kind: 'choice',
    name: 'sort',
    label: 'Sort by',
    description: 'The order of what is found.',
    icon: 'fa-sort-amount-asc',
    row: 'sort',
    default: 'name',
    options: [
      { value: 'name', label: 'name' },
      { value: 'connection', label: 'connection' },
      { value: 'host', label: 'host' },
      { value: 'power', label: 'power state' },
      { value: 'memory', label: 'memory' },
      { value: 'vcpus', label: 'vCPUs' },
    ],
  },
  {
    kind: 'switch',
    name: 'descending',
    label: 'descending',
    description: 'The greatest first.',
    row: 'sort',
    default: false,
  },
  {
    kind: 'choice',
    name: 'output',
    label: 'Send',
    description: 'One message with a list, or a message for each VM.',
    icon: 'fa-sign-out',
    default: 'list',
    options: [
      { value: 'list', label: 'one list' },
      { value: 'each', label: 'a message for each VM' },
    ],
  },
  {
    kind: 'choice',
    name: 'empty',
    label: 'If none match',
    description: 'What happens when nothing was found.',
    icon: 'fa-circle-o',
    default: 'send',
    options: [
      { value: 'send', label: 'send an empty list' },
      { value: 'nothing', label: 'send nothing' },
      { value: 'error', label: 'fail' },
    ],
  },
] as const satisfies readonly Field[];

export const vmQueryDescription = {
  type: 'virtflow-vm-query',
  version: 1,
  category: 'virtflow vm',
  colour: colours.query,
  icon: 'font-awesome/fa-search',
  inputs: 1,
  outputs: 1,
  label: 'vm query',
  summary: 'Finds VMs by name or selector, as they are right now.',
  outputLabels: ['VMs'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

type QueryNode = NodeContext<typeof fields>;

export function registerVmQuery(RED: NodeRed): void {
  defineNode(RED, { description: vmQueryDescription, open });
}

function open(node: QueryNode): LiveNode {
  return {
    async input(message, send) {
      const found = await query(node, message);
      node.status({ fill: 'grey', shape: 'dot', text: node.words('status.found', { count: found.length }) });
      answer(node, found, message, send);
    },
  };
}

async function query(node: QueryNode, message: Message): Promise<Vm[]> {
  const connection = connectionName(node.config.connection);
  const scope = connection === undefined ? ({ kind: 'vm' } as const) : ({ kind: 'vm', connection } as const);
  await node.platform.connections.tried();
  const found = await resolveTarget(node.platform.inventory, targetOf(node, message, node.config.target), scope);
  const order = orders[node.config.sort] ?? byName;
  const sorted = found.sort((a, b) => order(a, b) || byName(a, b));
  return node.config.descending ? sorted.reverse() : sorted;
}

type Order = (a: Vm, b: Vm) => number;

const byName: Order = (a, b) => a.name.localeCompare(b.name, 'en', { numeric: true });
const orders: Readonly<Record<string, Order>> = {
  name: byName,
  connection: (a, b) => a.connection.localeCompare(b.connection),
  host: (a, b) => (a.hostName ?? '').localeCompare(b.hostName ?? ''),
  power: (a, b) => a.power.localeCompare(b.power),
  memory: (a, b) => a.memoryBytes.current - b.memoryBytes.current,
  vcpus: (a, b) => a.vcpus.current - b.vcpus.current,
};

function answer(node: QueryNode, found: readonly Vm[], message: Message, send: Send): void {
  const { output, empty } = node.config;
  if (found.length === 0 && empty === 'error') {
    throw new VirtflowError('OBJECT_UNKNOWN', { kind: 'vm', target: 'the query', hint: 'nothing matches it.' });
  }
  if (found.length === 0 && empty === 'nothing') return;
  sendList(send, message, found, output);
}
