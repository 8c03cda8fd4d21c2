import type { Sample } from '../model/reading.ts';
import { seriesKey } from './store/catalogue.ts';

/** They happened, and are no figure of now. */
const happenings: ReadonlySet<Sample['measurement']> = new Set(['operation', 'alert']);

/** What has told nothing for so long is gone. */
const staleMs = 15 * 60_000;

/** The latest figures of each series; tiers bring different fields at different times, and each has its own age. */
export class Latest {
  readonly #series = new Map<string, { sample: Sample; readonly seen: Map<string, number> }>();

  take(samples: readonly Sample[]): void {
    for (const sample of samples) {
      if (happenings.has(sample.measurement)) continue;
      const key = `${sample.measurement} ${seriesKey(sample.tags)}`;
      const { seen } = this.#series.get(key) ?? { seen: new Map<string, number>() };
      const before = this.#series.get(key)?.sample.fields;
      for (const field in sample.fields) seen.set(field, sample.at);
      this.#series.set(key, { sample: { ...sample, fields: { ...before, ...sample.fields } }, seen });
    }
  }

  /** Those that are of the last quarter of an hour; what is older is forgotten. */
  at(now: number): readonly Sample[] {
    const fresh: Sample[] = [];
    for (const [key, { sample, seen }] of this.#series) {
      for (const [field, at] of seen) if (now - at > staleMs) seen.delete(field);
      if (seen.size === 0) this.#series.delete(key);
      else
        fresh.push({
          ...sample,
          fields: Object.fromEntries(Object.entries(sample.fields).filter(([field]) => seen.has(field))),
        });
    }
    return fresh;
  }
}
