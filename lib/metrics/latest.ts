import type { Sample } from '../model/reading.ts';
import { seriesKey } from './store/catalogue.ts';

/** They happened, and are no figure of now. */
const happenings: ReadonlySet<Sample['measurement']> = new Set(['operation', 'alert', 'event']);

/** What has told nothing for so long is gone. */
const staleMs = 15 * 60_000;

/** The newest samples of a series that together have all its fields, the newest first: tiers bring different ones. */
type Parts = readonly Sample[];

/** The latest figures of each series; those of each tier have an age of their own. */
export class Latest {
  readonly #series = new Map<string, Parts>();
  /** Of tags that come again with each round, as the same object. */
  readonly #keys = new WeakMap<Sample['tags'], string>();
  #sweptAt = 0;

  take(samples: readonly Sample[]): void {
    for (const sample of samples) {
      if (happenings.has(sample.measurement)) continue;
      const key = `${sample.measurement} ${this.#keyOf(sample.tags)}`;
      const before = this.#series.get(key) ?? [];
      this.#series.set(key, [sample, ...before.filter((part) => hasMore(part, sample))]);
    }
    const now = samples[0]?.at ?? 0;
    if (now - this.#sweptAt > staleMs) this.#sweep(now);
  }

  /** Those that are of the last quarter of an hour; what is older is forgotten. */
  at(now: number): readonly Sample[] {
    this.#sweep(now);
    return [...this.#series.values()].flatMap((parts) => {
      const fields = Object.assign({}, ...parts.map((part) => part.fields).toReversed());
      return parts[0] ? [{ ...parts[0], fields }] : [];
    });
  }

  #keyOf(tags: Sample['tags']): string {
    const known = this.#keys.get(tags);
    if (known !== undefined) return known;
    const key = seriesKey(tags);
    this.#keys.set(tags, key);
    return key;
  }

  #sweep(now: number): void {
    this.#sweptAt = now;
    for (const [key, parts] of this.#series) {
      const fresh = parts.filter(({ at }) => now - at <= staleMs);
      if (fresh.length === 0) this.#series.delete(key);
      else if (fresh.length < parts.length) this.#series.set(key, fresh);
    }
  }
}

function hasMore(part: Sample, newer: Sample): boolean {
  for (const field in part.fields) if (!(field in newer.fields)) return true;
  return false;
}
