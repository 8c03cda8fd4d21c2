import {
  backtestField,
  levelsOf,
  passThroughField,
  sourceField,
  targetsField,
  targetsOf,
  thresholdFields,
} from '../rule-fields.ts';
import { ruleNode } from '../rule-node.ts';

export const state = ruleNode({
  kind: 'state',
  label: 'state',
  icon: 'fa-power-off',
  summary: 'Tells when a VM has been in one of some states for too long.',
  inputLabel: 'events',
  fields: [
    sourceField,
    {
      kind: 'choices',
      name: 'states',
      label: 'States',
      description: 'From one of them to another the time goes on.',
      icon: 'fa-toggle-on',
      default: ['paused', 'crashed'],
      options: [
        { value: 'running', label: 'running' },
        { value: 'paused', label: 'paused' },
        { value: 'halted', label: 'halted' },
        { value: 'suspended', label: 'suspended' },
        { value: 'crashed', label: 'crashed' },
      ],
    },
    targetsField,
    ...thresholdFields({ warning: 600 }, 's'),
    passThroughField,
    backtestField,
  ],
  partsOf: (config) => ({ states: [...config.states], ...targetsOf(config.targets), ...levelsOf(config) }),
});
