import type { Sample } from '../model/reading.ts';
import type { QueryFrame } from './store/result.ts';
import type { StructuredQuery } from './store/structured-query.ts';
import { daysUntil, lineThrough, type Means, since, withValue } from './trend.ts';

const hourMs = 3_600_000;
const daySeconds = 86_400;
const dayMs = 24 * hourMs;
/** The line is laid through means of so long, of so long a past; with less of it than a day nothing is foretold. */
const bucketMs = 3 * hourMs;
export const fillPastMs = 7 * dayMs;
const leastMs = dayMs;

/** What fills up: `used_bytes` of `capacity_bytes`. */
export const filling: Readonly<Record<string, readonly string[]>> = {
  storage_pool: ['connection', 'id'],
  vm_filesystem: ['connection', 'id', 'mountpoint'],
};

export function fills({ measurement }: Pick<Sample, 'measurement'>): boolean {
  return Object.hasOwn(filling, measurement);
}

/** What to ask of the stored past, for `recall`. */
export function fillQuery(measurement: string): StructuredQuery {
  return {
    measurement,
    select: [[{ type: 'field', params: ['used_bytes'] }, { type: 'mean' }]],
    groupBy: [
      { type: 'time', params: [`${bucketMs}ms`] },
      ...(filling[measurement] ?? []).map((tag) => ({ type: 'tag', params: [tag] })),
      { type: 'fill', params: ['none'] },
    ],
  };
}

const nothing: Means = { closed: [], open: null };

/**
 * When storage pools and file systems are full if they go on to fill as they did in the last week: a line of least
 * squares, the same that forecast rules go by. What does not fill is full in a hundred years.
 */
export class FillForecast {
  readonly #trends = new Map<string, Means>();
  #sweptAt = 0;

  /** How many are remembered. */
  get size(): number {
    return this.#trends.size;
  }

  /** Takes what is stored of the past in, before what was seen since. */
  recall(frames: readonly QueryFrame[], now: number): void {
    for (const { measurement, tags, times, columns } of frames) {
      const key = keyOf(measurement, tags);
      const known = this.#trends.get(key) ?? nothing;
      const seenFrom = known.closed[0] ?? known.open?.moment ?? now;
      const current = Math.floor(seenFrom / bucketMs) * bucketMs;
      const past = times.flatMap((time, row) => {
        const value = columns[0]?.values[row];
        return time < current && typeof value === 'number' ? [time + bucketMs / 2, value] : [];
      });
      this.#trends.set(key, { closed: since(now - fillPastMs, [...past, ...known.closed]), open: known.open });
    }
  }

  /** The samples, those that tell of a fill with `full_in_seconds` where enough of its past is known. */
  foretold(samples: readonly Sample[]): Sample[] {
    this.#sweep(samples[0]?.at ?? 0);
    return samples.map((sample) => {
      const full_in_seconds = fills(sample) ? this.#take(sample) : undefined;
      return full_in_seconds === undefined ? sample : { ...sample, fields: { ...sample.fields, full_in_seconds } };
    });
  }

  #take({ measurement, tags, at, fields: { used_bytes, capacity_bytes } }: Sample): number | undefined {
    if (used_bytes === undefined || capacity_bytes === undefined) return undefined;
    const key = keyOf(measurement, tags);
    const means = withValue(this.#trends.get(key) ?? nothing, bucketMs, fillPastMs, at, used_bytes);
    this.#trends.set(key, means);
    const line = lineThrough(means);
    if (!line || line.spanMs < leastMs) return undefined;
    const days = daysUntil(capacity_bytes, 'above', { ...line, now: Math.max(line.now, used_bytes) });
    return Math.round(days * daySeconds);
  }

  /** Once a day, forgets what has told nothing for as long as its past is looked at. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < dayMs) return;
    this.#sweptAt = now;
    for (const [key, { open, closed }] of this.#trends) {
      if (now - (open?.moment ?? closed.at(-2) ?? 0) > fillPastMs) this.#trends.delete(key);
    }
  }
}

function keyOf(measurement: string, tags: Sample['tags']): string {
  return JSON.stringify([measurement, ...(filling[measurement] ?? []).map((tag) => tags[tag] ?? '')]);
}
