import { defaultLevelTag } from '../../lib/operations/groups/levels.ts';
import type { ChoiceField, NumberField, TextField } from '../forms/field.ts';

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

/** The order of a batch: its objects may also stand in levels. */
export const batchOrderField = {
  ...orderField,
  description: 'One after the other, side by side, in order on each connection, or level by level.',
  default: 'parallel',
  options: [
    ...orderField.options,
    { value: 'levels-up', label: 'level by level, the lowest first' },
    { value: 'levels-down', label: 'level by level, the highest first' },
  ],
} as const satisfies ChoiceField;

export const levelTagField = {
  kind: 'text',
  name: 'levelTag',
  label: 'Levels by tag',
  description:
    'What the tag begins with that tells the level, as in level:2. An object without one stands in the highest.',
  icon: 'fa-tags',
  default: defaultLevelTag,
  required: true,
  maxLength: 40,
  showIf: { field: 'order', values: ['levels-up', 'levels-down'] },
} as const satisfies TextField;

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
  showIf: { field: 'order', values: ['parallel', 'levels-up', 'levels-down'] },
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
