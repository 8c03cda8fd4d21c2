import { VirtflowError } from '../../../model/errors.ts';

/** A series in an answer of InfluxDB's /query. */
export interface AnswerSeries {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

/** The series of the first statement. @throws METRIC_QUERY_INVALID with the server's words, PROTOCOL_VIOLATION */
export function seriesOf(answer: unknown): AnswerSeries[] {
  const result = first(field(answer, 'results'));
  const error = field(result, 'error');
  // What nobody has written to yet is empty.
  if (typeof error === 'string' && error.startsWith('database not found')) return [];
  if (typeof error === 'string') throw new VirtflowError('METRIC_QUERY_INVALID', { reason: error });
  const series = field(result, 'series') ?? [];
  if (!Array.isArray(series))
    throw new VirtflowError('PROTOCOL_VIOLATION', { address: 'InfluxDB', reason: 'no series' });
  return series.map((one: unknown) => ({
    name: String(field(one, 'name') ?? ''),
    tags: tagsOf(field(one, 'tags')),
    columns: listOf(field(one, 'columns')).map(String),
    values: listOf(field(one, 'values')).map(listOf),
  }));
}

function tagsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([tag, text]) => [tag, String(text)]));
}

function first(value: unknown): unknown {
  return listOf(value)[0];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
