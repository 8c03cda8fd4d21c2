import { eventTypes } from '../../../lib/model/event.ts';
import {
  backtestField,
  levelsOf,
  overField,
  passThroughField,
  sourceField,
  targetsField,
  targetsOf,
  thresholdFields,
} from '../rule-fields.ts';
import { ruleNode } from '../rule-node.ts';

export const eventCount = ruleNode({
  kind: 'event-count',
  label: 'event count',
  icon: 'fa-bell',
  summary: 'Tells when something has happened too often within a time.',
  inputLabel: 'events',
  fields: [
    sourceField,
    {
      kind: 'choices',
      name: 'events',
      label: 'Events',
      description: 'Each of them counts.',
      icon: 'fa-bolt',
      default: ['vm.crashed'],
      options: eventTypes.map((type) => ({ value: type, label: type })),
    },
    {
      kind: 'text',
      name: 'reason',
      label: 'Reason',
      description: 'Why it happened, in the hypervisor’s words; any reason when empty.',
      icon: 'fa-question',
      default: '',
      maxLength: 100,
    },
    targetsField,
    overField,
    {
      kind: 'number',
      name: 'windowSeconds',
      label: 'Within',
      description: 'What is longer ago does not count any more.',
      icon: 'fa-clock-o',
      default: 3600,
      minimum: 1,
      maximum: 2_678_400,
      unit: 's',
    },
    ...thresholdFields({ critical: 3 }),
    passThroughField,
    backtestField,
  ],
  partsOf: (config) => {
    const { events, reason, over, windowSeconds } = config;
    const why = reason === '' ? {} : { reason };
    return { events: [...events], ...why, ...targetsOf(config.targets), over, windowSeconds, ...levelsOf(config) };
  },
});
