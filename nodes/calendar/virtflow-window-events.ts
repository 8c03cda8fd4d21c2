import { covers } from '../../lib/access/pattern.ts';
import type { WindowEvent } from '../../lib/calendar/edges.ts';
import { titleOf } from '../../lib/calendar/window.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { afterFlowsStarted } from '../runtime/after-start.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';

const fields = [
  {
    kind: 'text',
    name: 'window',
    label: 'Window',
    description: 'Only the window of this id; * stands for any signs.',
    icon: 'fa-calendar-o',
    default: '*',
    required: true,
    maxLength: 40,
  },
] as const satisfies readonly Field[];

export const windowEventsDescription = {
  type: 'virtflow-window-events',
  version: 1,
  category: 'virtflow',
  colour: colours.event,
  icon: 'font-awesome/fa-calendar-o',
  inputs: 0,
  outputs: 2,
  label: 'window events',
  summary: 'Tells when a maintenance or blackout window begins and when it ends, each once.',
  outputLabels: ['started', 'ended'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

export function registerWindowEvents(RED: NodeRed): void {
  defineNode(RED, { description: windowEventsDescription, open: (node) => open(node, RED) });
}

type EventsNode = NodeContext<typeof fields>;

function open(node: EventsNode, RED: NodeRed): LiveNode {
  const { events, news } = node.platform.calendar;
  let isFlowing = false;
  const hear = () => {
    if (isFlowing) for (const event of news.unheard(node.id)) tell(node, event);
  };
  node.listen(events, hear);
  // What began or ended while virtflow did not run is found before there are flows.
  afterFlowsStarted(RED, node, () => {
    isFlowing = true;
    hear();
  });
  return { close: (removed) => (removed ? news.forget(node.id) : undefined) };
}

function tell(node: EventsNode, { type, window, span, at }: WindowEvent): void {
  if (!covers(node.config.window, window.id)) return;
  const { id, kind, reason } = window;
  const payload = { type, id, name: titleOf(window), kind, reason, from: span.from, until: span.until, at };
  const message = { topic: `${id}/${type}`, payload };
  node.send(type === 'started' ? [message, null] : [null, message]);
}
