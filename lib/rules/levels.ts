import { type Static, Type } from 'typebox';

/** From the least to the most severe. */
export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

export const SeverityName = Type.Union([Type.Literal('info'), Type.Literal('warning'), Type.Literal('critical')]);

export const Level = Type.Object(
  {
    severity: SeverityName,
    threshold: Type.Number(),
    /** Where a firing level clears; the threshold itself when not given. */
    clear: Type.Optional(Type.Number()),
  },
  { additionalProperties: false },
);
export type RuleLevel = Static<typeof Level>;

/** `above` and `below` are strict: a value that equals the threshold is not beyond it. */
export type Compare = 'above' | 'below' | 'at-least';

export function beyond(compare: Compare, value: number, threshold: number): boolean {
  if (compare === 'at-least') return value >= threshold;
  return compare === 'above' ? value > threshold : value < threshold;
}

/** What a reading is judged by, whatever kind of rule it comes from. */
export interface Hold {
  readonly compare: Compare;
  readonly levels: readonly RuleLevel[];
  /** How long the condition must hold before the level fires. */
  readonly forSeconds?: number;
  /** How long a firing level goes on after the condition has ended. */
  readonly keepFiringForSeconds?: number;
  /** The condition holds when `n` of the last `m` readings are beyond the threshold. */
  readonly hits?: { readonly n: number; readonly m: number };
  /** Without a reading for so long the state is `no-data`. */
  readonly noDataAfterSeconds?: number;
}

/** What is wrong with the levels or the hold times of a rule. */
export function holdProblem({ hits, noDataAfterSeconds, compare, levels }: Hold): string | undefined {
  if (hits && hits.n > hits.m) return `${hits.n} of the last ${hits.m} samples can never be beyond the threshold`;
  if (noDataAfterSeconds === 0) return 'a time of 0 s without data would be over at once';
  return levels.map((level) => clearProblem(compare, level)).find(Boolean) ?? orderProblem(compare, levels);
}

function clearProblem(compare: Compare, { severity, threshold, clear }: RuleLevel): string | undefined {
  if (clear === undefined || clear === threshold || !beyond(compare, clear, threshold)) return undefined;
  const side = compare === 'below' ? 'above' : 'below';
  return `the clear threshold ${clear} of ${severity} has to be ${side} its threshold ${threshold}, or equal to it`;
}

/** A more severe level lies further out, otherwise it would hide the lesser one or never be the highest. */
function orderProblem(compare: Compare, levels: readonly RuleLevel[]): string | undefined {
  const ranked = levels.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const strictly = compare === 'at-least' ? 'above' : compare;
  for (const [index, level] of ranked.entries()) {
    const lesser = ranked[index - 1];
    if (!lesser) continue;
    if (lesser.severity === level.severity) return `the severity ${level.severity} has two thresholds`;
    if (beyond(strictly, level.threshold, lesser.threshold)) continue;
    return `the threshold ${level.threshold} of ${level.severity} has to be ${strictly} that of ${lesser.severity}, ${lesser.threshold}`;
  }
  return undefined;
}
