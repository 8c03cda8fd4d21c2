import { eventOf } from '../metrics/event-points.ts';
import type { MetricStore, QueryOptions } from '../metrics/store/metric-store.ts';
import type { QueryPlan } from '../metrics/store/plan.ts';
import type { QueryFrame } from '../metrics/store/result.ts';
import { VirtflowError } from '../model/errors.ts';
import type { Sample } from '../model/reading.ts';
import type { HistoryRequest, HistorySource, Range, Recorded } from './past.ts';

/** A batch has about so many samples, so that memory does not grow with the past. */
const batchSize = 50_000;
const firstMs = 600_000;
const shortestMs = 10_000;
const longestMs = 24 * 3_600_000;

/** What tells objects and their parts apart; the host is not among it, for a VM stays itself when it moves. */
const groupTags = ['connection', 'id', 'name', 'mountpoint', 'disk', 'nic'];
const eventTags = ['connection', 'id', 'name', 'kind', 'event', 'reason'];

/** Where it is asked for. */
export type PastStore = Pick<MetricStore, 'query' | 'fields'>;

/** The past as a metric store has it, as far as `sees` goes. */
export function storedHistory(store: PastStore, { sees }: Pick<QueryOptions, 'sees'> = {}): HistorySource {
  return {
    async *read({ from, to, wanted, means, signal }: HistoryRequest) {
      const options = { ...(signal && { signal }), ...(sees && { sees }) };
      if (means) {
        const until = Math.min(means.until, to);
        yield* stretches(store, wanted, { from, to: until }, options, Math.floor(means.everyMs));
        yield* stretches(store, wanted, { from: Math.max(from, until), to }, options);
      } else yield* stretches(store, wanted, { from, to }, options);
    },
  };
}

/** Stretch by stretch, each as long as the last one lets expect that it is one batch. */
async function* stretches(
  store: PastStore,
  wanted: HistoryRequest['wanted'],
  { from, to }: Range,
  options: QueryOptions,
  everyMs?: number,
) {
  let lengthMs = everyMs === undefined ? firstMs : longestMs;
  for (let begin = from; begin < to; ) {
    const end = Math.min(begin + lengthMs, to);
    const samples = await stretch(store, wanted, { from: begin, to: end }, options, everyMs);
    if (samples === 'too-many') {
      lengthMs /= 4;
      continue;
    }
    yield samples.sort((a, b) => a.at - b.at).flatMap(recordedOf);
    begin = end;
    lengthMs = Math.min(
      longestMs,
      Math.max(shortestMs, (lengthMs * batchSize) / Math.max(1, samples.length)),
      lengthMs * 4,
    );
  }
}

async function stretch(
  store: PastStore,
  wanted: HistoryRequest['wanted'],
  range: Range,
  options: QueryOptions,
  everyMs: number | undefined,
): Promise<Sample[] | 'too-many'> {
  const samples: Sample[] = [];
  for (const { measurement, fields: named } of wanted) {
    // Where any sample counts, whatever it has may be the one.
    const fields = named.length > 0 ? named : await store.fields(measurement);
    try {
      const { frames } = await store.query(planOf(measurement, fields, range, everyMs), options);
      for (const frame of frames) addSamples(samples, measurement, frame, (everyMs ?? 0) / 2);
    } catch (error) {
      const isShort = range.to - range.from <= shortestMs;
      if (!isShort && error instanceof VirtflowError && error.code === 'METRIC_QUERY_TOO_LARGE') return 'too-many';
      throw error;
    }
  }
  return samples;
}

function planOf(
  measurement: Sample['measurement'],
  fields: readonly string[],
  { from, to }: Range,
  everyMs: number | undefined,
): QueryPlan {
  const aggregate = everyMs === undefined ? undefined : ({ name: 'mean' } as const);
  return {
    measurement,
    policy: undefined,
    columns: fields.map((field) => ({ name: field, field, aggregate, transform: undefined, math: [] })),
    conditions: [],
    groupTags: measurement === 'event' ? eventTags : groupTags,
    intervalMs: everyMs,
    fill: { type: 'none' },
    order: 'ASC',
    limit: undefined,
    seriesLimit: undefined,
    alias: '',
    from,
    to: to - 1,
  };
}

/** Events are points like others in a store. */
function recordedOf(sample: Sample): readonly Recorded[] {
  if (sample.measurement !== 'event') return [{ sample }];
  const event = eventOf(sample);
  return event ? [{ event }] : [];
}

/** A mean stands for the middle of its time. */
function addSamples(
  samples: Sample[],
  measurement: Sample['measurement'],
  { tags, times, columns }: QueryFrame,
  afterMs: number,
) {
  const own = Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''));
  for (const [index, at] of times.entries()) {
    const fields: Record<string, number> = {};
    for (const { column, values } of columns) {
      const value = values[index];
      if (typeof value === 'number') fields[column] = value;
    }
    samples.push({ measurement, tags: own, at: at + afterMs, fields });
  }
}
