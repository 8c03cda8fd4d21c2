import type { Targets } from '../../lib/rules/targets.ts';
import type {
  ChoiceField,
  Field,
  NumberField,
  SwitchField,
  TargetField,
  TargetSetting,
  TextField,
  WidgetField,
} from '../forms/field.ts';
import { measurementOptions } from '../forms/shared-fields.ts';

const longest = 31_622_400;

/** Where a node has its figures from. */
export const sourceField = {
  kind: 'choice',
  name: 'source',
  label: 'Judge',
  description: 'What virtflow collects of all connections by itself, or only what messages bring.',
  shared: true,
  icon: 'fa-sign-in',
  default: 'collected',
  options: [
    { value: 'collected', label: 'what virtflow collects' },
    { value: 'messages', label: 'what messages bring' },
  ],
} as const satisfies ChoiceField;

export const measurementField = {
  kind: 'choice',
  name: 'measurement',
  label: 'Of',
  description: 'The kind of objects; samples of others are passed over.',
  shared: true,
  icon: 'fa-cubes',
  default: 'vm',
  options: [...measurementOptions, { value: 'protection', label: 'snapshots and backups of VMs' }],
} as const satisfies ChoiceField;

export const figureField = {
  kind: 'text',
  name: 'field',
  label: 'Figure',
  description: 'The field of the sample that is judged.',
  shared: true,
  icon: 'fa-line-chart',
  default: 'cpu_ratio',
  required: true,
  maxLength: 200,
  input: 'metric-field',
} as const satisfies TextField;

export const shareField = {
  kind: 'text',
  name: 'of',
  label: 'as a share of',
  description:
    'Another field of the same sample: what is judged is the share of it, in percent. Empty: the figure itself.',
  shared: true,
  icon: 'fa-pie-chart',
  default: '',
  maxLength: 200,
  input: 'metric-field',
} as const satisfies TextField;

export const targetsField = {
  kind: 'target',
  name: 'targets',
  label: 'Objects',
  description: 'For which of them it counts, looked at whenever one changes.',
  shared: true,
  icon: 'fa-crosshairs',
  objects: 'measured',
  modes: ['all', 'list', 'selector'],
} as const satisfies TargetField;

export const directionField = {
  kind: 'choice',
  name: 'direction',
  label: 'Alert when',
  description: 'Whether too much or too little is the problem.',
  shared: true,
  icon: 'fa-arrows-v',
  row: 'comparison',
  default: 'above',
  options: [
    { value: 'above', label: 'above' },
    { value: 'below', label: 'below' },
  ],
} as const satisfies ChoiceField;

export const unitField = {
  kind: 'choice',
  name: 'unit',
  label: 'in',
  description: 'The unit of the thresholds. Percent: a ratio of 0.9 is judged as 90.',
  shared: true,
  row: 'comparison',
  default: 'percent',
  options: [
    { value: 'percent', label: 'percent' },
    { value: 'absolute', label: 'the figure’s own unit' },
  ],
} as const satisfies ChoiceField;

const severities = {
  critical: { label: 'Critical', icon: 'fa-exclamation-circle' },
  warning: { label: 'Warning', icon: 'fa-exclamation-triangle' },
  info: { label: 'Info', icon: 'fa-info-circle' },
} as const;
type SeverityName = keyof typeof severities;

function threshold<N extends SeverityName>(severity: N, initial: number | undefined, unit: string | undefined) {
  return {
    kind: 'number',
    name: `${severity}Threshold`,
    label: severities[severity].label,
    description: 'From where on the alert has this severity; empty leaves the severity out.',
    shared: true,
    icon: severities[severity].icon,
    row: severity,
    default: null,
    ...(initial === undefined ? {} : { initial }),
    ...(unit === undefined ? {} : { unit }),
  } as const satisfies NumberField;
}

function clear<N extends SeverityName>(severity: N, unit: string | undefined) {
  return {
    kind: 'number',
    name: `${severity}Clear`,
    label: 'clears at',
    description: 'Where it ends again; at the threshold itself when empty.',
    shared: true,
    row: severity,
    default: null,
    ...(unit === undefined ? {} : { unit }),
  } as const satisfies NumberField;
}

/** A threshold for each severity, and what new nodes begin with. */
export function levelFields(initial: Partial<Record<SeverityName, number>>, unit?: string) {
  return [
    threshold('critical', initial.critical, unit),
    clear('critical', unit),
    threshold('warning', initial.warning, unit),
    clear('warning', unit),
    threshold('info', initial.info, unit),
    clear('info', unit),
  ] as const satisfies readonly Field[];
}

/** The same for figures that end by themselves, and have no hysteresis. */
export function thresholdFields(initial: Partial<Record<SeverityName, number>>, unit?: string) {
  return [
    threshold('critical', initial.critical, unit),
    threshold('warning', initial.warning, unit),
    threshold('info', initial.info, unit),
  ] as const satisfies readonly Field[];
}

export const holdFields = [
  {
    kind: 'number',
    name: 'forSeconds',
    label: 'Hold for',
    description: 'How long the condition must hold before the alert fires.',
    shared: true,
    icon: 'fa-hourglass-half',
    row: 'hold',
    default: 60,
    minimum: 0,
    maximum: longest,
    unit: 's',
  },
  {
    kind: 'number',
    name: 'keepFiringForSeconds',
    label: 'go on for',
    description: 'How long the alert goes on after the condition has ended.',
    shared: true,
    row: 'hold',
    default: 0,
    minimum: 0,
    maximum: longest,
    unit: 's',
  },
] as const satisfies readonly Field[];

export const hitFields = [
  {
    kind: 'number',
    name: 'hitsN',
    label: 'At least',
    description: 'The condition holds when so many of the last samples are beyond the threshold.',
    shared: true,
    icon: 'fa-th-list',
    row: 'hits',
    default: 1,
    minimum: 1,
    maximum: 30,
    integer: true,
  },
  {
    kind: 'number',
    name: 'hitsM',
    label: 'of the last',
    description: 'How many samples are looked at.',
    shared: true,
    row: 'hits',
    default: 1,
    minimum: 1,
    maximum: 30,
    integer: true,
  },
] as const satisfies readonly Field[];

export const noDataField = {
  kind: 'number',
  name: 'noDataAfterSeconds',
  label: 'No data after',
  description: 'Without a sample for so long the state is “no data”; never when empty.',
  shared: true,
  icon: 'fa-question-circle-o',
  default: null,
  minimum: 1,
  maximum: longest,
  unit: 's',
} as const satisfies NumberField;

export const overField = {
  kind: 'choice',
  name: 'over',
  label: 'For',
  description: 'Each object by itself, or all of them together.',
  shared: true,
  icon: 'fa-object-group',
  default: 'object',
  options: [
    { value: 'object', label: 'each object' },
    { value: 'all', label: 'all together' },
  ],
} as const satisfies ChoiceField;

export const passThroughField = {
  kind: 'switch',
  name: 'passThrough',
  label: 'Second output with what came in',
  description: 'Sends every message on, so that nodes can stand in a row.',
  shared: true,
  default: false,
} as const satisfies SwitchField;

export const backtestField = {
  kind: 'widget',
  name: 'backtest',
  label: 'On the past',
  description: 'When it would have fired, as it stands here, and when the deployed one would have.',
  shared: true,
  icon: 'fa-history',
  widget: 'backtest',
} as const satisfies WidgetField;

/** What kinds have that judge figures of samples. */
export const measuredFields = [sourceField, measurementField, figureField, shareField, targetsField] as const;

interface Measured {
  readonly measurement: string;
  readonly field: string;
  readonly of: string;
  readonly unit: string;
}

export function measuredOf({ measurement, field, of, unit }: Measured) {
  return { measurement, value: of === '' ? { field } : { field, of }, unit };
}

interface Levels {
  readonly criticalThreshold: number | undefined;
  readonly criticalClear?: number | undefined;
  readonly warningThreshold: number | undefined;
  readonly warningClear?: number | undefined;
  readonly infoThreshold: number | undefined;
  readonly infoClear?: number | undefined;
}

/** One for each threshold that was given. */
export function levelsOf(config: Levels) {
  const levels = [
    { severity: 'info', threshold: config.infoThreshold, clear: config.infoClear },
    { severity: 'warning', threshold: config.warningThreshold, clear: config.warningClear },
    { severity: 'critical', threshold: config.criticalThreshold, clear: config.criticalClear },
  ];
  return {
    levels: levels.flatMap(({ severity, threshold: from, clear: until }) => {
      if (from === undefined) return [];
      return [until === undefined ? { severity, threshold: from } : { severity, threshold: from, clear: until }];
    }),
  };
}

export function hitsOf({ hitsN, hitsM }: { readonly hitsN: number; readonly hitsM: number }) {
  return hitsM > 1 || hitsN > 1 ? { hits: { n: hitsN, m: hitsM } } : {};
}

export function noDataOf({ noDataAfterSeconds }: { readonly noDataAfterSeconds: number | undefined }) {
  return noDataAfterSeconds === undefined ? {} : { noDataAfterSeconds };
}

/** The targets of a rule; none where it counts for all. */
export function targetsOf({ mode, names, selector }: TargetSetting): { readonly targets?: Targets } {
  if (mode === 'list') return { targets: { objects: [...names] } };
  return mode === 'selector' ? { targets: { selector } } : {};
}
