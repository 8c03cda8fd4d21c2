import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode } from '../runtime/define-node.ts';
import type { NodeRed } from '../runtime/red.ts';
import { messageFields, notifying, pageField } from './notifying.ts';

const fields = [
  {
    kind: 'text',
    name: 'contact',
    label: 'Contact',
    description: 'Who is told: the name of a contact in alerts.json.',
    icon: 'fa-address-book-o',
    default: '',
    required: true,
    maxLength: 64,
    input: 'contact',
  },
  ...messageFields,
  pageField,
] as const satisfies readonly Field[];

export const notifyDescription = {
  type: 'virtflow-notify',
  version: 1,
  category: 'virtflow alerts',
  colour: colours.notification,
  icon: 'font-awesome/fa-address-book-o',
  inputs: 1,
  outputs: 2,
  label: 'notify',
  summary: 'Tells a contact something: tried again until it has arrived, also over restarts.',
  inputLabel: 'text or alert',
  outputLabels: ['told', 'not told'],
  fields,
  help: ['notify'],
} as const satisfies NodeDescription<typeof fields>;

export function registerNotify(RED: NodeRed): void {
  defineNode(RED, {
    description: notifyDescription,
    open: (node) => {
      const { contact } = node.config;
      // Whether there is such a contact is asked when a message comes: the settings may come later.
      return notifying(node, RED, contact);
    },
  });
}
