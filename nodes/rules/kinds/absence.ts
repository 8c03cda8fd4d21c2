import {
  backtestField,
  levelsOf,
  measurementField,
  passThroughField,
  sourceField,
  targetsField,
  targetsOf,
  thresholdFields,
} from '../rule-fields.ts';
import { ruleNode } from '../rule-node.ts';

export const absence = ruleNode({
  kind: 'absence',
  label: 'absence',
  icon: 'fa-eye-slash',
  summary: 'Tells when nothing is heard any more of an object that there were samples of.',
  inputLabel: 'samples',
  fields: [
    sourceField,
    measurementField,
    {
      kind: 'text',
      name: 'figure',
      label: 'Figure',
      description: 'Only samples with this field count; any sample when empty.',
      icon: 'fa-line-chart',
      default: '',
      maxLength: 200,
      input: 'metric-field',
    },
    targetsField,
    ...thresholdFields({ critical: 1800, warning: 300 }, 's'),
    passThroughField,
    backtestField,
  ],
  partsOf: (config) => ({
    measurement: config.measurement,
    ...(config.figure === '' ? {} : { value: { field: config.figure } }),
    ...targetsOf(config.targets),
    ...levelsOf(config),
  }),
});
