import { VirtflowError } from '../model/errors.ts';
import type { TagCondition } from './conditions.ts';
import type { FigureOptions, FigureSource, SeesTags, VariableValues } from './figure-source.ts';
import type { Dashboard, Variable } from './model.ts';
import { readTagValues } from './tag-values.ts';

/** What was chosen for each variable; those that are not named stand as their file has them. */
export type Chosen = Readonly<Record<string, readonly string[]>>;

export interface VariableOption {
  readonly value: string;
  readonly text: string;
}

export interface ResolvedVariable {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly isHidden: boolean;
  readonly isMulti: boolean;
  readonly hasAll: boolean;
  readonly options: readonly VariableOption[];
  /** Chosen of the options; `$__all` alone stands for all of them. */
  readonly value: readonly string[];
}

export const all = '$__all';

/** Finds out what each variable may be and what it is; each may use those before it. */
export async function resolveVariables(
  dashboard: Dashboard,
  chosen: Chosen,
  source: FigureSource,
  options: FigureOptions,
): Promise<readonly ResolvedVariable[]> {
  const resolved: ResolvedVariable[] = [];
  for (const variable of dashboard.templating?.list ?? []) {
    const found = await optionsOf(variable, valuesOf(dashboard, resolved), source, options);
    resolved.push(asResolved(variable, found, chosen[variable.name]));
  }
  return resolved;
}

/** As queries take them: a text, several, or a regular expression for all. */
export function valuesOf(dashboard: Dashboard, resolved: readonly ResolvedVariable[]): VariableValues {
  const files = new Map(dashboard.templating?.list?.map((variable) => [variable.name, variable]));
  const values = resolved.map(({ name, value, isMulti, options }) => {
    if (value[0] === all) return [name, allOf(files.get(name)?.allValue, options.map(chosenValue))] as const;
    return [name, isMulti ? value : (value[0] ?? '')] as const;
  });
  return Object.fromEntries(values);
}

/** Where there is nothing to choose from, nothing is left out: who may see a VM may not see its host. */
function allOf(allValue: string | null | undefined, options: readonly string[]): VariableValues[string] {
  return allValue || options.length === 0 ? { regex: allValue || '.*' } : options;
}

async function optionsOf(
  variable: Variable,
  known: VariableValues,
  source: FigureSource,
  { signal, sees }: FigureOptions,
): Promise<readonly VariableOption[]> {
  const { type, query } = variable;
  // Where figures come from is not to be chosen here.
  if (type === 'datasource') return [];
  if (type !== 'query') return type === 'custom' || type === 'interval' ? listed(query) : [asOption(textOf(query))];
  const asked = readTagValues(query);
  if (!asked) return [];
  const fits = fitting(asked.conditions, known);
  const both: SeesTags = (tags) => fits(tags) && (sees?.(tags) ?? true);
  const values = await source.tagValues(asked.measurement, asked.tag, { ...(signal ? { signal } : {}), sees: both });
  return sorted(filtered(values, variable.regex), variable.sort ?? 1).map(asOption);
}

/** `a, b, c`; a comma in a value is written `\,`, and `One : 1` shows one and means the other. */
function listed(query: unknown): VariableOption[] {
  return textOf(query)
    .split(/(?<!\\),/)
    .map((one) => one.replaceAll('\\,', ',').trim())
    .filter((one) => one !== '')
    .map((one) => {
      const [, text = one, value = one] = /^(.+?)\s+:\s+(.+)$/.exec(one) ?? [];
      return { value, text };
    });
}

function asOption(value: string): VariableOption {
  return { value, text: value };
}

function chosenValue({ value }: VariableOption): string {
  return value;
}

function textOf(query: unknown): string {
  return typeof query === 'string' ? query : '';
}

function filtered(values: readonly string[], regex: string | null | undefined): readonly string[] {
  const pattern = regex ? patternOf(regex) : undefined;
  if (!pattern) return values;
  return values.flatMap((value) => {
    const match = pattern.exec(value);
    return match ? [match[1] ?? match[0]] : [];
  });
}

/** Grafana's numbers: 0 as they come; by name, by number, by name whatever the case; even ones downwards. */
function sorted(values: readonly string[], sort: number): readonly string[] {
  if (sort === 0) return values;
  const made = [...values].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return sort % 2 === 0 ? made.reverse() : made;
}

function fitting(conditions: readonly TagCondition[], known: VariableValues): SeesTags {
  const tests = conditions.map((condition) => ({ isOr: condition.condition === 'OR', test: testOf(condition, known) }));
  return (tags) => {
    let [any, every] = [false, true];
    for (const { isOr, test } of tests) {
      if (isOr) [any, every] = [any || every, true];
      every &&= test(tags);
    }
    return any || every;
  };
}

function testOf({ key, operator, value }: TagCondition, known: VariableValues): SeesTags {
  if (operator === '=' || operator === '!=') {
    const text = filledIn(value, known, (one) => one);
    return (tags) => ((tags[key] ?? '') === text) === (operator === '=');
  }
  const pattern = patternOf(filledIn(value, known, escaped));
  return (tags) => pattern.test(tags[key] ?? '') === (operator === '=~');
}

/** @throws PARAMETER_INVALID */
function patternOf(text: string): RegExp {
  const [, pattern = text, flags = ''] = /^\/(.*)\/([imsu]*)$/s.exec(text) ?? [];
  try {
    return new RegExp(pattern, flags);
  } catch {
    throw new VirtflowError('PARAMETER_INVALID', { parameter: 'regex', reason: `${text} is no regular expression` });
  }
}

function filledIn(text: string, known: VariableValues, protect: (one: string) => string): string {
  return text.replace(/\$(\w+)|\$\{(\w+)(?::\w+)?\}/g, (whole, bare?: string, braced?: string) => {
    const value = known[bare ?? braced ?? ''];
    if (value === undefined) return whole;
    if (typeof value === 'string') return protect(value);
    return 'regex' in value ? value.regex : `(${value.map(protect).join('|')})`;
  });
}

function escaped(text: string): string {
  return text.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&');
}

function asResolved(variable: Variable, options: readonly VariableOption[], chosen: readonly string[] | undefined) {
  const { name, label, type, hide = 0, multi = false, includeAll = false } = variable;
  return {
    name,
    label: label || name,
    type,
    isHidden: hide === 2 || type === 'constant' || type === 'datasource',
    isMulti: multi,
    hasAll: includeAll,
    options,
    value: chosenOf(variable, options.map(chosenValue), chosen),
  };
}

/** What is gone is chosen no more; nothing chosen is all, or the first. */
function chosenOf(variable: Variable, options: readonly string[], chosen: readonly string[] | undefined) {
  const { multi = false, includeAll = false, type } = variable;
  const wanted = chosen ?? currentOf(variable);
  if (type === 'textbox') return wanted.length > 0 ? wanted.slice(0, 1) : options;
  if (includeAll && wanted.includes(all)) return [all];
  const there = wanted.filter((one) => options.includes(one));
  if (there.length > 0) return multi ? there : there.slice(0, 1);
  return includeAll ? [all] : options.slice(0, 1);
}

function currentOf({ current }: Variable): readonly string[] {
  const value = current?.value ?? [];
  return typeof value === 'string' ? [value] : value;
}
