import { VirtflowError } from '../../../lib/model/errors.ts';
import type { Field } from '../../forms/field.ts';
import { readNumber } from '../../runtime/config.ts';
import type { NodeContext } from '../../runtime/node-context.ts';
import type { Message } from '../../runtime/red.ts';
import { observed } from '../observed.ts';
import {
  backtestField,
  directionField,
  figureField,
  hitFields,
  hitsOf,
  holdFields,
  levelFields,
  levelsOf,
  measuredOf,
  measurementField,
  noDataField,
  noDataOf,
  passThroughField,
  shareField,
  targetsField,
  targetsOf,
  unitField,
} from '../rule-fields.ts';
import { ruleNode } from '../rule-node.ts';

const ofSamples = { field: 'source', values: ['collected', 'metrics'] } as const;
const ofProperty = { field: 'source', values: ['property'] } as const;
/** The field that a number in a message is judged under. */
const propertyField = 'value';

const fields = [
  {
    kind: 'choice',
    name: 'source',
    label: 'Judge',
    description: 'Where the figures come from: what virtflow collects of all connections by itself, or messages.',
    icon: 'fa-sign-in',
    default: 'metrics',
    initial: 'collected',
    options: [
      { value: 'collected', label: 'what virtflow collects' },
      { value: 'metrics', label: 'samples in messages' },
      { value: 'property', label: 'a number in the message' },
    ],
  },
  { ...measurementField, showIf: ofSamples },
  { ...figureField, showIf: ofSamples },
  { ...shareField, showIf: ofSamples },
  { ...targetsField, showIf: ofSamples },
  {
    kind: 'text',
    name: 'property',
    label: 'Number in msg.',
    description: 'The property of the message that holds the number.',
    icon: 'fa-line-chart',
    showIf: ofProperty,
    default: 'payload',
    required: true,
    maxLength: 200,
  },
  {
    kind: 'text',
    name: 'subject',
    label: 'Told apart by msg.',
    description: 'The property that says what the number is of; each value has an alert of its own.',
    icon: 'fa-crosshairs',
    showIf: ofProperty,
    default: 'topic',
    maxLength: 200,
  },
  directionField,
  unitField,
  ...levelFields({ critical: 95, warning: 85 }),
  ...holdFields,
  ...hitFields,
  noDataField,
  passThroughField,
  { ...backtestField, showIf: ofSamples },
] as const satisfies readonly Field[];

export const threshold = ruleNode({
  kind: 'threshold',
  label: 'threshold',
  icon: 'fa-exclamation-triangle',
  summary:
    'Judges figures against thresholds, with a hold time and hysteresis, and tells when an alert begins or ends.',
  inputLabel: 'samples',
  fields,
  partsOf: (config) => {
    const { direction, unit, forSeconds, keepFiringForSeconds } = config;
    const isSampled = config.source !== 'property';
    return {
      ...(isSampled
        ? { ...measuredOf(config), ...targetsOf(config.targets) }
        : { value: { field: propertyField }, unit }),
      direction,
      ...levelsOf(config),
      forSeconds,
      keepFiringForSeconds,
      ...hitsOf(config),
      ...noDataOf(config),
    };
  },
  taking: (node) =>
    node.config.source === 'property'
      ? { fedBy: 'flow', take: (message) => observeNumber(node, message) }
      : observed(node),
});

function observeNumber(node: NodeContext<typeof fields>, message: Message): void {
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
