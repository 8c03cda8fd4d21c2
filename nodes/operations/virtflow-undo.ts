import { VirtflowError } from '../../lib/model/errors.ts';
import type { AskedWork } from '../../lib/runs/delivery.ts';
import { markOf } from '../../lib/runs/mark.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { modeField } from '../forms/shared-fields.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import { GroupRunner } from '../runtime/group-runner.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { modeOf } from '../runtime/parameters.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { operationIn } from './group-setting.ts';

const fields = [
  {
    kind: 'choice',
    name: 'what',
    label: 'Take back',
    description: 'The operation that the message tells, or all that the run it belongs to did, the last first.',
    icon: 'fa-undo',
    default: 'operation',
    options: [
      { value: 'operation', label: 'the operation of the message' },
      { value: 'run', label: 'everything this run did' },
    ],
  },
  {
    kind: 'switch',
    name: 'wait',
    label: 'Wait for what is under way',
    description: 'What the run still does is taken back as well, once it has ended; otherwise it is left alone.',
    default: false,
    showIf: { field: 'what', values: ['run'] },
  },
  modeField,
] as const satisfies readonly Field[];

export const undoDescription = {
  type: 'virtflow-undo',
  version: 1,
  category: 'virtflow',
  colour: colours.disruptive,
  icon: 'font-awesome/fa-undo',
  inputs: 1,
  outputs: 1,
  label: 'undo',
  summary: 'Takes back what was done: one operation, a group in reverse order, or all that a run of the flow did.',
  outputLabels: ['result'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

export function registerUndo(RED: NodeRed): void {
  defineNode(RED, { description: undoDescription, open });
}

function open(node: NodeContext<typeof fields>): LiveNode {
  return new GroupRunner(node, {
    read: async (message) => {
      const work = workOf(node.config, message);
      return { work, mode: modeOf(node, node.config.mode, message), said: work };
    },
    payload: ({ result }) => result,
  }).live();
}

function workOf({ what, wait }: { what: string; wait: boolean }, message: Message): AskedWork {
  if (what !== 'run') return { kind: 'undo', operation: operationIn(message) };
  const run = markOf(message)?.run;
  if (run === undefined)
    throw new VirtflowError('MESSAGE_INVALID', { reason: 'it does not tell the run it belongs to' });
  return { kind: 'undo-run', run, wait };
}
