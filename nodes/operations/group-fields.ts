import type { ChoiceField, NumberField } from '../forms/field.ts';

export const orderField = {
  kind: 'choice',
  name: 'order',
  label: 'Order',
  description: 'One after the other, side by side, or in order on each connection and the connections side by side.',
  icon: 'fa-sort-amount-asc',
  default: 'sequence',
  options: [
    { value: 'sequence', label: 'one after the other' },
    { value: 'parallel', label: 'side by side' },
    { value: 'per-connection', label: 'in order on each connection' },
  ],
} as const satisfies ChoiceField;

export const limitField = {
  kind: 'number',
  name: 'limit',
  label: 'At once',
  description: 'How many run side by side at most.',
  icon: 'fa-arrows-h',
  default: 10,
  minimum: 1,
  maximum: 1000,
  integer: true,
  showIf: { field: 'order', values: ['parallel'] },
} as const satisfies NumberField;

export const onErrorField = {
  kind: 'choice',
  name: 'onError',
  label: 'When one fails',
  description: 'What becomes of the rest, and of what was done already.',
  icon: 'fa-exclamation-triangle',
  default: 'stop',
  options: [
    { value: 'stop', label: 'begin no more' },
    { value: 'continue', label: 'go on with the rest' },
    { value: 'roll-back', label: 'take back what was done' },
  ],
} as const satisfies ChoiceField;
