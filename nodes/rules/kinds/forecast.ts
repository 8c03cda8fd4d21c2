import {
  backtestField,
  directionField,
  holdFields,
  levelFields,
  levelsOf,
  measuredFields,
  measuredOf,
  noDataField,
  noDataOf,
  passThroughField,
  targetsOf,
  unitField,
} from '../rule-fields.ts';
import { ruleNode } from '../rule-node.ts';

const day = 86_400;

export const forecast = ruleNode({
  kind: 'forecast',
  label: 'forecast',
  icon: 'fa-calendar-times-o',
  summary: 'Tells when a figure will come to a mark within some days, if it goes on as it did.',
  inputLabel: 'samples',
  fields: [
    ...measuredFields,
    directionField,
    unitField,
    {
      kind: 'number',
      name: 'reaches',
      label: 'The mark',
      description: 'Where it would be full, or empty, in that unit.',
      icon: 'fa-flag-checkered',
      default: 100,
    },
    {
      kind: 'number',
      name: 'pastDays',
      label: 'By the past',
      description: 'The line is laid through the means of so long a time; a quarter of it has to be known.',
      icon: 'fa-history',
      default: 7,
      minimum: 0.001,
      maximum: 90,
      unit: 'd',
    },
    ...levelFields({ critical: 3, warning: 14 }, 'd'),
    ...holdFields,
    noDataField,
    passThroughField,
    backtestField,
  ],
  partsOf: (config) => {
    const { direction, reaches, pastDays, forSeconds, keepFiringForSeconds } = config;
    return {
      ...measuredOf(config),
      ...targetsOf(config.targets),
      direction,
      reaches,
      pastSeconds: pastDays * day,
      ...levelsOf(config),
      forSeconds,
      keepFiringForSeconds,
      ...noDataOf(config),
    };
  },
});
