import { contentOf } from '../../lib/alerts/content.ts';
import type { Notification } from '../../lib/alerts/notification.ts';
import { markOf } from '../../lib/runs/mark.ts';
import type { Field, TypedField } from '../forms/field.ts';
import { afterFlowsStarted } from '../runtime/after-start.ts';
import type { LiveNode } from '../runtime/define-node.ts';
import { KeptMessages } from '../runtime/kept-messages.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { modeOf } from '../runtime/parameters.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { timeOfDay } from '../runtime/status.ts';

/** What every node that tells people something asks for. */
export const messageFields = [
  {
    kind: 'typed',
    name: 'text',
    label: 'Message',
    description: 'A text, or an alert as an alerts node or a rule sends it, which is told as routes tell it.',
    shared: true,
    icon: 'fa-envelope-o',
    default: 'payload',
    types: ['msg', 'str', 'jsonata'],
  },
  {
    kind: 'typed',
    name: 'title',
    label: 'Title',
    description: 'The subject; without one the message has that of the templates.',
    shared: true,
    icon: 'fa-header',
    default: '',
    types: ['str', 'msg', 'jsonata'],
  },
  {
    kind: 'number',
    name: 'giveUpMinutes',
    label: 'Try for',
    description: 'How long it is tried again while the channel does not take it.',
    shared: true,
    icon: 'fa-repeat',
    default: 1_440,
    minimum: 1,
    maximum: 10_080,
    integer: true,
    unit: 'min',
  },
] as const satisfies readonly Field[];

/** For channels that take a page of HTML as well. */
export const pageField = {
  kind: 'typed',
  name: 'html',
  label: 'Page',
  description: 'The same in HTML, for mail and Matrix; without one it is made from the message.',
  shared: true,
  icon: 'fa-file-code-o',
  default: '',
  types: ['str', 'msg', 'jsonata'],
} as const satisfies Field;

const told = 0;
const untold = 1;

/**
 * A node that tells people something: each message is on disk before anything is sent, tried again until the channel has
 * it, and goes on with the outcome, also over restarts.
 */
export function notifying(node: NodeContext, RED: NodeRed, contact: string): LiveNode {
  const { dispatches } = node.platform.alerts;
  const messages = new KeptMessages(node);
  const handed = new Set<string>();
  let isFlowing = false;
  const follow = (notification: Notification) => {
    if (isFlowing && notification.sender === node.id) handOn(node, messages, handed, notification);
  };
  node.listen(dispatches.changes, follow);
  afterFlowsStarted(RED, node, () => {
    isFlowing = true;
    for (const notification of dispatches.of(node.id)) follow(notification);
  });
  return {
    async input(message, send) {
      const fields = [messageFields[0], messageFields[1], pageField];
      const [text, title, html] = await Promise.all(fields.map((field) => fieldValue(node, field, message)));
      const content = contentOf(text, textOf(title), textOf(html));
      if (modeOf(node, 'run', message) === 'plan') {
        node.status({ fill: 'grey', shape: 'dot', text: node.words('status.planned') });
        send([{ ...message, notification: { contact, state: 'planned', content } }, null]);
        return;
      }
      const sent = dispatches.send({
        sender: node.id,
        contact,
        content,
        giveUpAfterMs: giveUpMs(node),
        run: markOf(message)?.run,
        message: messages.write(message),
      });
      if (sent.state === 'waiting') show(node);
      // It came again after a crash, and what became of it is known.
      else follow(sent);
    },
    close: (removed) => (removed ? dispatches.drop(node.id) : undefined),
  };
}

function handOn(node: NodeContext, messages: KeptMessages, handed: Set<string>, notification: Notification): void {
  const { dispatches } = node.platform.alerts;
  const { id, state } = notification;
  if (state === 'waiting') {
    show(node);
    return;
  }
  const kept = handed.has(id) ? undefined : dispatches.message(id);
  if (kept === undefined) return;
  handed.add(id);
  const message: Message = { ...messages.read(kept), notification: outcomeOf(notification) };
  const output = state === 'delivered' ? told : untold;
  node.send([told, untold].map((index) => (index === output ? message : null)));
  // By then the next node has it.
  setImmediate(() => {
    handed.delete(id);
    node.guard(() => dispatches.told(id));
  });
  show(node, notification);
}

function outcomeOf({ id, contact, state, says, attempts, at, endedAt }: Notification) {
  return { id, contact, state, says, attempts, at, endedAt };
}

function show(node: NodeContext, ended?: Notification): void {
  const waiting = node.platform.alerts.dispatches.of(node.id).filter(({ state }) => state === 'waiting').length;
  if (waiting > 0)
    node.status({ fill: 'yellow', shape: 'ring', text: node.words('status.toTell', { count: waiting }) });
  else if (ended?.state === 'failed') node.status({ fill: 'red', shape: 'ring', text: node.words('status.untold') });
  else if (ended) {
    const time = timeOfDay(ended.endedAt ?? ended.at);
    node.status({ fill: 'green', shape: 'dot', text: node.words('status.told', { time }) });
  }
}

/** Undefined where the node has no such field, or it is empty. */
async function fieldValue(node: NodeContext, { name, types }: TypedField, message: Message): Promise<unknown> {
  const value = node.config[name];
  const type = node.raw[`${name}Type`];
  if (typeof value !== 'string' || value === '') return undefined;
  return node.evaluate(value, typeof type === 'string' ? type : (types[0] ?? 'str'), message);
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

function giveUpMs({ config: { giveUpMinutes } }: NodeContext): number {
  return (typeof giveUpMinutes === 'number' ? giveUpMinutes : 1_440) * 60_000;
}
