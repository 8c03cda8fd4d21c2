import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';

const fields = [
  {
    kind: 'text',
    name: 'window',
    label: 'Window',
    description: 'The id of the window.',
    icon: 'fa-calendar-o',
    default: '',
    required: true,
    maxLength: 40,
  },
] as const satisfies readonly Field[];

export const withinWindowDescription = {
  type: 'virtflow-within-window',
  version: 1,
  category: 'virtflow',
  colour: colours.query,
  icon: 'font-awesome/fa-calendar-check-o',
  inputs: 1,
  outputs: 2,
  label: 'within window?',
  summary: 'Sends a message to one output while a window is open, and to the other while it is not.',
  inputLabel: 'message',
  outputLabels: ['within', 'outside'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

export function registerWithinWindow(RED: NodeRed): void {
  defineNode(RED, { description: withinWindowDescription, open });
}

function open(node: NodeContext<typeof fields>): LiveNode {
  return {
    input(message, send) {
      const span = node.platform.calendar.openSpan(node.config.window);
      const told = { ...message, window: { id: node.config.window, ...span } };
      node.status({ fill: span ? 'green' : 'grey', shape: span ? 'dot' : 'ring', text: node.config.window });
      send(span ? [told, null] : [null, told]);
    },
  };
}
