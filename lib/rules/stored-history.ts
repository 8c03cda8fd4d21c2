import type { MetricStore } from '../metrics/store/metric-store.ts';
import type { QueryPlan } from '../metrics/store/plan.ts';
import type { QueryFrame } from '../metrics/store/result.ts';
import type { Measurement, Sample } from '../model/reading.ts';
import type { HistoryRequest, HistorySource } from './backtest.ts';

/** A stretch at a time, so that memory does not grow with the past. */
const stretchMs = 3_600_000;

/** What tells objects and their parts apart; the host is not among it, for a VM stays itself when it moves. */
const groupTags = ['connection', 'id', 'name', 'disk', 'nic'];

/** The past as a metric store has it. It keeps samples and no events. */
export function storedHistory(store: Pick<MetricStore, 'query'>): HistorySource {
  return {
    async *read({ from, to, wanted, signal }: HistoryRequest) {
      for (let begin = from; begin < to; begin += stretchMs) {
        const end = Math.min(begin + stretchMs, to);
        const samples: Sample[] = [];
        for (const { measurement, fields } of wanted) {
          const { frames } = await store.query(planOf(measurement, fields, begin, end), signal ? { signal } : {});
          for (const frame of frames) addSamples(samples, measurement, frame);
        }
        yield samples.sort((a, b) => a.at - b.at).map((sample) => ({ sample }));
      }
    },
  };
}

function planOf(measurement: Measurement, fields: readonly string[], from: number, to: number): QueryPlan {
  return {
    measurement,
    policy: undefined,
    columns: fields.map((field) => ({ name: field, field, aggregate: undefined, transform: undefined, math: [] })),
    conditions: [],
    groupTags,
    intervalMs: undefined,
    fill: { type: 'none' },
    order: 'ASC',
    limit: undefined,
    seriesLimit: undefined,
    alias: '',
    from,
    to: to - 1,
  };
}

function addSamples(samples: Sample[], measurement: Measurement, { tags, times, columns }: QueryFrame): void {
  const own = Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''));
  for (const [index, at] of times.entries()) {
    const fields: Record<string, number> = {};
    for (const { column, values } of columns) {
      const value = values[index];
      if (typeof value === 'number') fields[column] = value;
    }
    samples.push({ measurement, tags: own, at, fields });
  }
}
