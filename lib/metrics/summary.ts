import type { Measurement } from '../model/reading.ts';
import { partTagOf } from './fields.ts';
import type { QueryFrame } from './store/result.ts';
import type { StructuredQuery } from './store/structured-query.ts';

/** Both moments belong to the time; milliseconds since the epoch. */
export interface SummaryRequest {
  readonly measurement: Measurement;
  readonly field: string;
  readonly from: number;
  readonly to: number;
}

/** One figure of one object, or of one part of it, over a time; in the unit that the field's name says. */
export interface Summary {
  readonly measurement: string;
  readonly field: string;
  readonly connection: string;
  readonly id: string;
  readonly name: string;
  /** Which disk, NIC or file system, by the name of its tag; only where the figure is of a part. */
  readonly [part: string]: string | number;
  /** How many samples there were. */
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  /** 95 of 100 samples were not above it. */
  readonly p95: number;
  readonly last: number;
}

export interface Summaries {
  readonly summaries: readonly Summary[];
  /** The points of what was before are kept no longer, and a percentile needs them: it is not told of. */
  readonly missingBefore: number | undefined;
}

const functions = ['count', 'min', 'mean', 'max', 'p95', 'last'] as const;

/** What a summary is made of: a value of each function for each object, on whatever host it was. */
export function summaryQuery(measurement: Measurement, field: string): StructuredQuery {
  const part = partTagOf(measurement);
  const tags = ['connection', 'id', 'name', ...(part === undefined ? [] : [part])];
  return {
    measurement,
    select: functions.map((name) => [
      { type: 'field', params: [field] },
      name === 'p95' ? { type: 'percentile', params: [95] } : { type: name },
    ]),
    groupBy: [...tags.map((tag) => ({ type: 'tag', params: [tag] })), { type: 'fill', params: ['none'] }],
  };
}

/** Reads the answer to a `summaryQuery`, by connection and name. */
export function summariesIn(frames: readonly QueryFrame[], field: string): Summary[] {
  const order = new Intl.Collator('en', { numeric: true });
  return frames
    .flatMap((frame) => summaryOf(frame, field) ?? [])
    .sort((a, b) => order.compare(a.connection, b.connection) || order.compare(a.name, b.name));
}

function summaryOf({ measurement, tags, columns }: QueryFrame, field: string): Summary | undefined {
  const { connection = '', id = '', name = '', ...part } = tags;
  const [count, min, mean, max, p95, last] = columns.flatMap(({ values }) => values[0] ?? []);
  if (count === undefined || min === undefined || mean === undefined) return undefined;
  if (max === undefined || p95 === undefined || last === undefined) return undefined;
  return { measurement, field, connection, id, name, ...part, count, min, mean, max, p95, last };
}
