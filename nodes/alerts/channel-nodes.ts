import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';
import { type Channel, channels, credentialsOf, fieldsOf, settingsOf } from './channels.ts';
import { messageFields, notifying, pageField } from './notifying.ts';

const testField = {
  kind: 'widget',
  name: 'test',
  label: 'Test',
  description: 'Really sends a message with what stands here.',
  shared: true,
  icon: 'fa-paper-plane-o',
  widget: 'test-channel',
} as const satisfies Field;

/** The node of each channel: all of it follows from the declaration. */
export const channelDescriptions: readonly NodeDescription[] = channels.map(describe);

export function registerChannels(RED: NodeRed): void {
  for (const channel of channels) {
    defineNode(RED, { description: describe(channel), open: (node) => open(node, RED, channel) });
  }
}

/** `mail` → `virtflow-notify-mail` */
export function nodeTypeOf({ type }: Pick<Channel, 'type'>): string {
  return `virtflow-notify-${type}`;
}

function describe(channel: Channel): NodeDescription {
  const { label, icon, summary, hasPage } = channel;
  const credentials = credentialsOf(channel);
  return {
    type: nodeTypeOf(channel),
    version: 1,
    category: 'virtflow alerts',
    colour: colours.notification,
    icon: `font-awesome/${icon}`,
    inputs: 1,
    outputs: 2,
    label,
    summary,
    inputLabel: 'text or alert',
    outputLabels: ['told', 'not told'],
    fields: [...fieldsOf(channel), ...messageFields, ...(hasPage ? [pageField] : []), testField],
    ...(credentials.length === 0 ? {} : { credentials }),
    help: ['notify'],
  };
}

/** The node brings a contact of its own, which is there while it is. */
function open(node: NodeContext, RED: NodeRed, channel: Channel): LiveNode {
  const { contacts } = node.platform.alerts;
  const name = node.name === node.id ? node.id : `${node.name} (${node.id})`;
  const settings = settingsOf(channel, (key) => node.credential(key) ?? node.config[key]);
  const withdraw = contacts.offer({ name: `${channel.type}: ${name}`, type: channel.type, settings });
  node.signal.addEventListener('abort', withdraw, { once: true });
  return notifying(node, RED, `${channel.type}: ${name}`);
}
