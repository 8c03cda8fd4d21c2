import type { Silence } from '../../lib/alerts/silence.ts';
import { AlertRequests, type SilenceRequest, silenceRequest } from '../../lib/api/alert-requests.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { formatRef } from '../../lib/model/reference.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { standingOrigin } from '../runtime/origin.ts';
import { modeOf } from '../runtime/parameters.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { timeOfDay } from '../runtime/status.ts';
import { alertIdIn } from './asked-alert.ts';

const ofMatching = { field: 'does', values: ['matching'] } as const;
const isBeginning = { field: 'does', values: ['alert', 'matching'] } as const;

const fields = [
  {
    kind: 'choice',
    name: 'does',
    label: 'Silence',
    description: 'The alert in the message, whatever fits what stands here, or end a silence.',
    icon: 'fa-bell-slash-o',
    default: 'alert',
    options: [
      { value: 'alert', label: 'the alert in the message' },
      { value: 'matching', label: 'alerts that fit' },
      { value: 'end', label: 'end the silence in the message' },
    ],
  },
  {
    kind: 'text',
    name: 'rule',
    label: 'Rule',
    description: 'Name or id of the rule; * stands for any signs.',
    icon: 'fa-gavel',
    showIf: ofMatching,
    default: '',
    maxLength: 200,
  },
  {
    kind: 'text',
    name: 'object',
    label: 'Of',
    description: 'Name or id of the object; * stands for any signs.',
    icon: 'fa-crosshairs',
    showIf: ofMatching,
    default: '',
    maxLength: 400,
  },
  {
    kind: 'text',
    name: 'selector',
    label: 'Selector',
    description: "What holds for the objects, such as 'web' in tags; msg.selector wins over it.",
    icon: 'fa-filter',
    showIf: ofMatching,
    default: '',
    maxLength: 2_000,
  },
  {
    kind: 'number',
    name: 'minutes',
    label: 'For',
    description: 'How long nobody is told.',
    icon: 'fa-hourglass-half',
    showIf: isBeginning,
    default: 60,
    minimum: 1,
    maximum: 99_999,
    integer: true,
    unit: 'min',
  },
  {
    kind: 'text',
    name: 'comment',
    label: 'Reason',
    description: 'What stands beside the silence; msg.comment wins over it.',
    icon: 'fa-comment-o',
    showIf: isBeginning,
    default: '',
    maxLength: 1_000,
  },
] as const satisfies readonly Field[];

export const silenceDescription = {
  type: 'virtflow-silence-alerts',
  version: 1,
  category: 'virtflow alerts',
  colour: colours.action,
  icon: 'font-awesome/fa-bell-slash-o',
  inputs: 1,
  outputs: 1,
  label: 'silence alerts',
  summary: 'Keeps people from being told of alerts for a time, or ends that.',
  inputLabel: 'alert or silence',
  outputLabels: ['silence'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

type SilenceNode = NodeContext<typeof fields>;

export function registerSilence(RED: NodeRed): void {
  defineNode(RED, { description: silenceDescription, open });
}

function open(node: SilenceNode): LiveNode {
  const requests = new AlertRequests(node.platform);
  return {
    async input(message, send) {
      const origin = standingOrigin(node);
      const isEnd = node.config.does === 'end';
      if (modeOf(node, 'run', message) === 'plan') {
        node.status({ fill: 'grey', shape: 'dot', text: node.words('status.planned') });
        send({ ...message, silence: isEnd ? { id: silenceIdIn(message) } : await asked(node, requests, message) });
        return;
      }
      const silence = isEnd
        ? await requests.endSilence(silenceIdIn(message), origin)
        : await requests.silence(await asked(node, requests, message), origin);
      show(node, silence, isEnd);
      send({ ...message, silence });
    },
  };
}

async function asked(node: SilenceNode, requests: AlertRequests, message: Message): Promise<SilenceRequest> {
  const { does, minutes, comment } = node.config;
  const matcher = does === 'alert' ? await ofAlert(node, requests, message) : matching(node, message);
  const reason = typeof message.comment === 'string' ? message.comment : comment;
  return silenceRequest({ matcher, duration: `${minutes}m`, comment: reason });
}

/** Its object under its rule, and nothing else. */
async function ofAlert(
  node: SilenceNode,
  requests: AlertRequests,
  message: Message,
): Promise<SilenceRequest['matcher']> {
  const { rule, object, key } = await requests.get(alertIdIn(message), standingOrigin(node));
  return { rule, object: object ? formatRef(object) : key };
}

function matching({ config }: SilenceNode, message: Message): SilenceRequest['matcher'] {
  const { rule, object } = config;
  const selector = typeof message.selector === 'string' ? message.selector : config.selector;
  return {
    ...(rule === '' ? {} : { rule }),
    ...(object === '' ? {} : { object }),
    ...(selector === '' ? {} : { selector }),
  };
}

function silenceIdIn({ silence, payload }: Message): string {
  for (const one of [silence, payload]) {
    if (typeof one === 'string' && one !== '') return one;
    if (typeof one === 'object' && one !== null && 'id' in one && typeof one.id === 'string') return one.id;
  }
  throw new VirtflowError('MESSAGE_INVALID', { reason: 'neither msg.silence nor msg.payload is a silence or its id' });
}

function show(node: SilenceNode, { until }: Silence, isEnd: boolean): void {
  const text = isEnd ? node.words('status.silenceEnded') : node.words('status.silenced', { time: timeOfDay(until) });
  node.status({ fill: isEnd ? 'grey' : 'blue', shape: 'dot', text });
}
