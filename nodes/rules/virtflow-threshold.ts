import { VirtflowError } from '../../lib/model/errors.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { samplesOf } from '../metrics/samples.ts';
import { readNumber } from '../runtime/config.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { alerting } from './alerting.ts';
import { thresholdFields } from './threshold-fields.ts';
import { propertyField, ruleOf } from './threshold-rule.ts';

export const thresholdDescription = {
  type: 'virtflow-threshold',
  version: 1,
  category: 'virtflow',
  colour: colours.rule,
  icon: 'font-awesome/fa-exclamation-triangle',
  inputs: 1,
  outputs: 2,
  outputsWhenOff: { field: 'passThrough', outputs: 1 },
  label: 'threshold',
  summary:
    'Judges figures against thresholds, with a hold time and hysteresis, and tells when an alert begins or ends.',
  inputLabel: 'samples',
  outputLabels: ['alert', 'what came in'],
  fields: thresholdFields,
} as const satisfies NodeDescription<typeof thresholdFields>;

type ThresholdNode = NodeContext<typeof thresholdFields>;

export function registerThreshold(RED: NodeRed): void {
  defineNode(RED, { description: thresholdDescription, open });
}

function open(node: ThresholdNode): LiveNode {
  const rule = ruleOf(node.id, node.name === node.id ? node.words('virtflow-threshold.label') : node.name, node.config);
  return alerting(node, rule, node.config.passThrough, (message) => {
    if (node.config.source === 'metrics') node.platform.rules.observe(node.id, samplesOf(message.payload));
    else observeNumber(node, message);
  });
}

function observeNumber(node: ThresholdNode, message: Message): void {
  const value = readNumber(node.property(message, node.config.property));
  if (value === undefined) {
    throw new VirtflowError('MESSAGE_INVALID', { reason: `msg.${node.config.property} is not a number` });
  }
  const key = subjectOf(node.property(message, node.config.subject));
  node.platform.rules.observeFields(node.id, { key, name: key }, { [propertyField]: value });
}

/** Messages that name nothing are all of one thing. */
function subjectOf(value: unknown): string {
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : 'message';
}
