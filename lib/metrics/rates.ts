import type { Reading, Sample } from '../model/reading.ts';
import { type CounterField, counterField, fieldsOf, partTagOf } from './fields.ts';

/** Two readings closer than this are one: a rate over so short a time is noise. */
const shortestMs = 250;
/** A gap of this many intervals is an outage or a step of the clock, and its average would describe neither. */
const longestGapIntervals = 10;
/** An object that so many rounds did not show has vanished, unless another reading of its counters may still come. */
const forgottenAfterRounds = 1000;
const sweepEveryRounds = 100;
/** The longest between two rounds of a tier: how long a second reading is waited for. */
const longestIntervalMs = 86_400_000;

/** The latest value of a counter, and its last growth. */
interface Counter {
  at: number;
  value: number;
  /** 0 before a second reading. */
  intervalMs: number;
  growth: number;
}

interface Series {
  host: string | null;
  name: string;
  tags: Record<string, string>;
  readonly counters: Map<string, Counter>;
  /** Gauges that ratios are shares of; they may come in another tier's reading. */
  readonly wholes: Map<string, number>;
  seenInRound: number;
}

/**
 * Turns counters into rates: the one place where that is done. A counter that went down (a restart of the guest or of
 * the hypervisor) gives no rate for that interval, neither does the first reading, a migration to another host, a
 * step of the clock or a long outage; a duplicate is passed over; a missed reading gives the average over both
 * intervals. One instance serves one connection.
 */
export class Rates {
  readonly #series = new Map<string, Series>();
  #round = 0;
  /** When the latest reading was. */
  #at = 0;

  /** How many objects and parts are remembered. */
  get size(): number {
    return this.#series.size;
  }

  /** The samples of one round of readings; a reading of which no figure comes gives none. */
  samples(readings: readonly Reading[]): Sample[] {
    this.#round += 1;
    const samples: Sample[] = [];
    for (const reading of readings) {
      const series = this.#seriesOf(reading);
      const fields = fieldsFrom(reading, series);
      if (fields) samples.push({ measurement: reading.measurement, tags: series.tags, at: reading.at, fields });
    }
    if (this.#round % sweepEveryRounds === 0) this.#sweep();
    return samples;
  }

  #seriesOf(reading: Reading): Series {
    const key = `${reading.measurement}/${reading.object.connection}/${reading.object.id}/${reading.part ?? ''}`;
    const known = this.#series.get(key);
    const series = known ?? newSeries(reading);
    if (!known) this.#series.set(key, series);
    else if (series.host !== reading.host || series.name !== reading.name) relabel(series, reading);
    series.seenInRound = this.#round;
    this.#at = reading.at;
    return series;
  }

  #sweep(): void {
    for (const [key, series] of this.#series) {
      if (this.#round - series.seenInRound < forgottenAfterRounds) continue;
      if (![...series.counters.values()].some((counter) => mayGoOn(counter, this.#at))) this.#series.delete(key);
    }
  }
}

/** Whether a next reading would give a rate. */
function mayGoOn({ at, intervalMs }: Counter, now: number): boolean {
  return now - at <= (intervalMs > 0 ? intervalMs * longestGapIntervals : longestIntervalMs);
}

function newSeries(reading: Reading): Series {
  const { host, name } = reading;
  return { host, name, tags: tagsOf(reading), counters: new Map(), wholes: new Map(), seenInRound: 0 };
}

/** Another host counts from its own zero, so the counters begin afresh with it. */
function relabel(series: Series, reading: Reading): void {
  if (series.host !== reading.host) series.counters.clear();
  series.host = reading.host;
  series.name = reading.name;
  series.tags = tagsOf(reading);
}

function tagsOf(reading: Reading): Record<string, string> {
  const tags: Record<string, string> = { connection: reading.object.connection };
  if (reading.host !== null) tags.host = reading.host;
  tags.id = reading.object.id;
  tags.name = reading.name;
  if (reading.part !== undefined) tags[partTagOf(reading.measurement) ?? 'part'] = reading.part;
  if (reading.disk !== undefined) tags.disk = reading.disk;
  return tags;
}

function fieldsFrom(reading: Reading, series: Series): Record<string, number> | undefined {
  const fields: Record<string, number> = {};
  addGauges(fields, reading, series);
  addRates(fields, reading, series);
  for (const _ in fields) return fields;
  return undefined;
}

function addGauges(fields: Record<string, number>, reading: Reading, series: Series): void {
  for (const gauge in reading.gauges) {
    const value = reading.gauges[gauge];
    if (value === undefined || !Number.isFinite(value)) continue;
    fields[gauge] = value;
    if (isWhole.has(gauge)) series.wholes.set(gauge, value);
  }
  for (const { field, part, whole } of fieldsOf[reading.measurement].derived) {
    const used = fields[part];
    const all = series.wholes.get(whole);
    if (used !== undefined && all !== undefined && all > 0) fields[field] = Math.max(0, used / all);
  }
}

const isWhole: ReadonlySet<string> = new Set(
  Object.values(fieldsOf).flatMap(({ counters, derived }) => [
    ...Object.values(counters).flatMap((counter) => counter.shareOf ?? []),
    ...derived.map((ratio) => ratio.whole),
  ]),
);

function addRates(fields: Record<string, number>, reading: Reading, series: Series): void {
  for (const name in reading.counters) advance(series, name, reading.counters[name], reading.at);
  for (const name in reading.counters) {
    const counter = series.counters.get(name);
    if (counter?.at !== reading.at || !(counter.growth >= 0)) continue;
    const rule = counterField(reading.measurement, name);
    const rate = rateOf(rule, counter, series);
    if (rate !== undefined) fields[rule.field] = rate;
  }
}

/** Takes a counter's new value in; `growth` is NaN where the step from the last one says nothing. */
function advance(series: Series, name: string, value: number | undefined, at: number): void {
  if (value === undefined || !Number.isFinite(value)) return;
  const counter = series.counters.get(name);
  if (!counter) {
    series.counters.set(name, { at, value, intervalMs: 0, growth: Number.NaN });
    return;
  }
  const intervalMs = at - counter.at;
  if (intervalMs >= 0 && intervalMs < shortestMs) return;
  const usual = counter.intervalMs;
  const tooLong = usual > 0 && intervalMs > usual * longestGapIntervals;
  counter.growth = intervalMs < 0 || tooLong || value < counter.value ? Number.NaN : value - counter.value;
  counter.intervalMs = intervalMs < 0 ? usual : intervalMs;
  counter.at = at;
  counter.value = value;
}

function rateOf(rule: CounterField, counter: Counter, series: Series): number | undefined {
  if (rule.perGrowthOf !== undefined) {
    const other = series.counters.get(rule.perGrowthOf);
    const sameSpan = other?.at === counter.at && other.intervalMs === counter.intervalMs;
    return sameSpan && other.growth > 0 ? counter.growth / other.growth : undefined;
  }
  const perSecond = (counter.growth * 1000) / counter.intervalMs;
  if (rule.shareOf === undefined) return perSecond;
  const whole = series.wholes.get(rule.shareOf);
  // Both clocks are read a moment apart, so a busy CPU can seem to do a little more than it can.
  return whole !== undefined && whole > 0 ? Math.min(1, perSecond / whole) : undefined;
}
