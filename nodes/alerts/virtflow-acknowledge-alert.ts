import { snapshotOf } from '../../lib/alerts/event.ts';
import { AlertRequests } from '../../lib/api/alert-requests.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { standingOrigin } from '../runtime/origin.ts';
import { modeOf } from '../runtime/parameters.ts';
import type { NodeRed } from '../runtime/red.ts';
import { alertIdIn } from './asked-alert.ts';

const fields = [
  {
    kind: 'choice',
    name: 'does',
    label: 'Do',
    description: 'Take the alert up, or take that back.',
    icon: 'fa-check',
    default: 'acknowledge',
    options: [
      { value: 'acknowledge', label: 'acknowledge' },
      { value: 'unacknowledge', label: 'take it back' },
    ],
  },
  {
    kind: 'text',
    name: 'comment',
    label: 'Comment',
    description: 'What stands in the history; msg.comment wins over it.',
    icon: 'fa-comment-o',
    default: '',
    maxLength: 1_000,
  },
] as const satisfies readonly Field[];

export const acknowledgeDescription = {
  type: 'virtflow-acknowledge-alert',
  version: 1,
  category: 'virtflow alerts',
  colour: colours.action,
  icon: 'font-awesome/fa-check-square-o',
  inputs: 1,
  outputs: 1,
  label: 'acknowledge alert',
  summary: 'Takes an alert up: it is neither escalated nor repeated any more.',
  inputLabel: 'alert',
  outputLabels: ['acknowledged'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

export function registerAcknowledge(RED: NodeRed): void {
  defineNode(RED, { description: acknowledgeDescription, open });
}

function open(node: NodeContext<typeof fields>): LiveNode {
  const requests = new AlertRequests(node.platform);
  return {
    async input(message, send) {
      const id = alertIdIn(message);
      const origin = standingOrigin(node);
      if (modeOf(node, 'run', message) === 'plan') {
        node.status({ fill: 'grey', shape: 'dot', text: node.words('status.planned') });
        send({ ...message, alert: snapshotOf(await requests.get(id, origin)) });
        return;
      }
      const comment = typeof message.comment === 'string' ? message.comment : node.config.comment;
      const isBack = node.config.does === 'unacknowledge';
      const alert = isBack ? await requests.unacknowledge(id, origin) : await requests.acknowledge(id, origin, comment);
      node.status({ fill: 'green', shape: 'dot', text: isBack ? alert.name : node.words('status.acknowledged') });
      send({ ...message, alert: snapshotOf(alert) });
    },
  };
}
