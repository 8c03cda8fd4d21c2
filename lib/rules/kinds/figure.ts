import { rounded } from '../meter.ts';

/** Which figure of a sample a rule judges, and in which unit. */
export interface Figured {
  readonly value: { readonly field: string; readonly of?: string };
  readonly unit: 'absolute' | 'percent';
}

/** The figure that a rule judges, in the rule's unit; undefined when the sample does not have it. */
export function measure(rule: Figured, fields: Readonly<Record<string, number>>): number | undefined {
  const value = fields[rule.value.field];
  if (value === undefined || !Number.isFinite(value)) return undefined;
  if (rule.value.of === undefined) return rule.unit === 'percent' ? value * 100 : value;
  const whole = fields[rule.value.of];
  return whole !== undefined && whole > 0 ? (value / whole) * 100 : undefined;
}

export function nameOf({ value }: Figured): string {
  return value.of === undefined ? value.field : `${value.field} of ${value.of}`;
}

export function inUnit({ unit }: Figured, value: number | null): string {
  if (value === null) return 'unknown';
  return unit === 'percent' ? `${rounded(value)} %` : rounded(value);
}

export function figureProblem({ value, unit }: Figured): string | undefined {
  if (value.of !== undefined && unit !== 'percent') return `a share of ${value.of} is judged in percent`;
  return undefined;
}

export function evidenceOf({ value, unit }: Figured): Readonly<Record<string, unknown>> {
  return { field: value.field, of: value.of ?? null, unit };
}

/** A length of time as people say it: `90 s`, `5 min`, `36 h`, `7 d`. */
export function span(seconds: number): string {
  if (seconds < 120) return `${rounded(seconds)} s`;
  if (seconds < 7_200) return `${rounded(seconds / 60)} min`;
  return seconds < 172_800 ? `${rounded(seconds / 3_600)} h` : `${rounded(seconds / 86_400)} d`;
}
