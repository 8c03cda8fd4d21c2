import { allActions } from '../../lib/actions/registry.ts';
import type { OperationEvent } from '../../lib/operations/operation.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { anyConnectionField } from '../forms/shared-fields.ts';
import { connectionName } from '../runtime/connection-names.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';

const fields = [
  {
    kind: 'choices',
    name: 'states',
    label: 'When it is',
    description: 'The states to tell of; none chosen means the ends: succeeded, partial, failed and cancelled.',
    icon: 'fa-flag-checkered',
    default: ['succeeded', 'partial', 'failed', 'cancelled'],
    options: [
      { value: 'queued', label: 'queued' },
      { value: 'running', label: 'running' },
      { value: 'succeeded', label: 'succeeded' },
      { value: 'partial', label: 'partial' },
      { value: 'failed', label: 'failed' },
      { value: 'cancelled', label: 'cancelled' },
      { value: 'planned', label: 'planned' },
    ],
  },
  {
    kind: 'switch',
    name: 'progress',
    label: 'Also each step of progress',
    description: 'A message for each change of progress while an operation runs.',
    default: false,
  },
  {
    kind: 'choice',
    name: 'action',
    label: 'Action',
    description: 'Only operations of this action.',
    icon: 'fa-bolt',
    default: '',
    options: [{ value: '', label: 'any' }, ...allActions.map(({ id, label }) => ({ value: id, label }))],
  },
  anyConnectionField,
  {
    kind: 'text',
    name: 'object',
    label: 'Of',
    description: 'Only operations on the object with this name or id.',
    icon: 'fa-crosshairs',
    default: '',
    maxLength: 200,
  },
] as const satisfies readonly Field[];

export const operationEventsDescription = {
  type: 'virtflow-operation-events',
  version: 1,
  category: 'virtflow',
  colour: colours.event,
  icon: 'font-awesome/fa-tasks',
  inputs: 0,
  outputs: 1,
  label: 'operation events',
  summary: 'Tells of operations, whoever asked for them, and of what others do at the hypervisors.',
  outputLabels: ['operation'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

export function registerOperationEvents(RED: NodeRed): void {
  defineNode(RED, { description: operationEventsDescription, open });
}

function open(node: NodeContext<typeof fields>): LiveNode {
  node.listen(node.platform.operations.events, (event) => {
    if (!concerns(node, event)) return;
    const { operation } = event;
    node.send({ topic: `${operation.action}/${operation.state}`, payload: operation, event: event.type });
  });
  return {};
}

function concerns({ config }: NodeContext<typeof fields>, { type, operation }: OperationEvent): boolean {
  if (type === 'progress' && !config.progress) return false;
  if (type !== 'progress' && !statesOf(config.states).includes(operation.state)) return false;
  if (config.action !== '' && operation.action !== config.action) return false;
  const connection = connectionName(config.connection);
  if (connection !== undefined && operation.target.connection !== connection) return false;
  return config.object === '' || operation.targetName === config.object || idOf(operation) === config.object;
}

function statesOf(chosen: readonly string[]): readonly string[] {
  return chosen.length > 0 ? chosen : ['succeeded', 'partial', 'failed', 'cancelled'];
}

function idOf({ target }: OperationEvent['operation']): string {
  return 'id' in target ? target.id : target.connection;
}
