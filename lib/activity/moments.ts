import { seriesKey } from '../metrics/store/catalogue.ts';
import type { Sample } from '../model/reading.ts';

/**
 * Keeps points of one series apart: what happens twice in a millisecond would be one point in the store, and counted
 * once. The later one is told a millisecond later.
 */
export class Moments {
  readonly #latest = new Map<string, number>();

  apart(sample: Sample): Sample {
    const key = `${sample.measurement} ${seriesKey(sample.tags)}`;
    const before = this.#latest.get(key) ?? Number.NEGATIVE_INFINITY;
    // Far from what came before, there is nothing to keep it apart from.
    const at = before >= sample.at && before - sample.at < keptApartMs ? before + 1 : sample.at;
    if (this.#latest.size > 10_000) this.#latest.clear();
    this.#latest.set(key, at);
    return { ...sample, at };
  }
}

const keptApartMs = 10_000;
