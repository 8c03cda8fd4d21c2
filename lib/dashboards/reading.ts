import Value from 'typebox/value';
import { VirtflowError } from '../model/errors.ts';
import { readEventQuery } from './event-query.ts';
import { migrated } from './migration.ts';
import { type Annotation, Dashboard, type Panel, panelsOf, type Variable } from './model.ts';
import { isReducer } from './reduce.ts';
import { readTagValues } from './tag-values.ts';
import { isKnown } from './transform.ts';

/** A dashboard as its file has it, and what of it Grafana draws but we do not. */
export interface ReadDashboard {
  readonly dashboard: Dashboard;
  readonly notDrawn: readonly string[];
}

export const panelTypes: ReadonlySet<string> = new Set([
  'timeseries',
  'stat',
  'gauge',
  'bargauge',
  'table',
  'state-timeline',
  'heatmap',
  'text',
  'row',
]);
const variableTypes: ReadonlySet<string> = new Set([
  'query',
  'custom',
  'interval',
  'constant',
  'textbox',
  'datasource',
]);

/**
 * Reads a dashboard file as Grafana writes it.
 * @param file its name, for messages
 * @throws DASHBOARD_INVALID
 */
export function readDashboard(file: string, text: string): ReadDashboard {
  const value = migrated(parse(file, text), uidFrom(file));
  if (!Value.Check(Dashboard, value)) throw invalid(file, firstProblem(value));
  checkIds(file, value);
  return { dashboard: value, notDrawn: notDrawnOf(value) };
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw invalid(file, `it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function firstProblem(value: unknown): string {
  if (typeof value === 'object' && value !== null && isSecondSchema(value)) {
    return 'it is of the dashboard schema v2; export it as "Classic"';
  }
  // The last one is of the whole: what is wrong inside says more.
  const errors = Value.Errors(Dashboard, value);
  const deepest = errors.toSorted((a, b) => b.instancePath.length - a.instancePath.length)[0];
  return `${deepest?.instancePath.slice(1).replaceAll('/', '.') || 'it'} ${deepest?.message ?? 'has the wrong form'}`;
}

/** Alone, or in the resource around it. */
function isSecondSchema(value: object): boolean {
  return 'elements' in value || ('spec' in value && JSON.stringify(value.spec).includes('"elements"'));
}

/** A file without a uid is known by its name. */
function uidFrom(file: string): string {
  return (
    file
      .replace(/\.json$/, '')
      .replace(/[^\w-]+/g, '-')
      .slice(0, 40) || 'dashboard'
  );
}

/** Data are asked for by the id of a panel. */
function checkIds(file: string, dashboard: Dashboard): void {
  const seen = new Set<number>();
  for (const { id, title, type } of panelsOf(dashboard)) {
    if (id === undefined) throw invalid(file, `the panel "${title ?? type}" has no id`);
    if (seen.has(id)) throw invalid(file, `two panels have the id ${id}`);
    seen.add(id);
  }
}

function invalid(file: string, reason: string): VirtflowError {
  return new VirtflowError('DASHBOARD_INVALID', { file, reason });
}

function notDrawnOf(dashboard: Dashboard): string[] {
  const { timezone } = dashboard;
  return [
    ...(timezone && timezone !== 'browser' ? [`the time zone ${timezone}: times are those of your place`] : []),
    ...panelsOf(dashboard).flatMap(ofPanel),
    ...(dashboard.templating?.list ?? []).flatMap(ofVariable),
    ...(dashboard.annotations?.list ?? []).flatMap(ofAnnotation),
  ];
}

function ofPanel({ type, title, options = {}, transformations = [], timeShift, targets = [] }: Panel): string[] {
  const name = `panel "${title || type}"`;
  const unknown = transformations.filter((one) => !one.disabled && !isKnown(one));
  return [
    ...(panelTypes.has(type) ? [] : [`${name}: its type ${type}`]),
    ...(timeShift ? [`${name}: its time shift`] : []),
    ...unknown.map(({ id }) => `${name}: the transformation ${id}`),
    ...calcsIn(options)
      .filter((calc) => !isReducer(calc))
      .map((calc) => `${name}: the calculation ${calc}`),
    ...targets.filter(isText).map(() => `${name}: a query in text (rawQuery)`),
  ];
}

/** Of its values and of its legend, each once. */
function calcsIn({ reduceOptions, legend }: NonNullable<Panel['options']>): string[] {
  const parts = [reduceOptions, legend].filter((part) => typeof part === 'object' && part !== null);
  const calcs = parts.flatMap((part) => ('calcs' in part && Array.isArray(part.calcs) ? part.calcs : []));
  return [...new Set(calcs.map(String))];
}

function isText(target: object): boolean {
  return 'rawQuery' in target && target.rawQuery === true;
}

function ofVariable({ name, type, query }: Variable): string[] {
  if (!variableTypes.has(type)) return [`variable ${name}: its type ${type}`];
  if (type !== 'query' || readTagValues(query)) return [];
  return [`variable ${name}: its query; SHOW TAG VALUES FROM … WITH KEY = … is known`];
}

function ofAnnotation({ name, builtIn, query }: Annotation): string[] {
  if (builtIn === 1 || readEventQuery(query ?? '')) return [];
  return [`annotation "${name}": its query; SELECT … FROM … WHERE $timeFilter is known`];
}
