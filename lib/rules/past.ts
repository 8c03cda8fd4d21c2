import type { HypervisorEvent } from '../model/event.ts';
import type { Sample } from '../model/reading.ts';
import { quarterMs } from './kinds/anomaly.ts';
import { bucketMsOf } from './kinds/forecast.ts';
import type { Rule } from './rule.ts';

/** Something that was recorded. */
export type Recorded = { readonly sample: Sample } | { readonly event: HypervisorEvent };

export interface Range {
  /** Milliseconds since the epoch; `to` is not part of it. */
  readonly from: number;
  readonly to: number;
}

/** What of the past some rules have to see. */
export interface HistoryRequest extends Range {
  /** Of which measurement which fields, all of them when none is named; no samples when there is none. */
  readonly wanted: readonly { readonly measurement: Sample['measurement']; readonly fields: readonly string[] }[];
  /** Before `until` means over so long a time each do as well as the samples themselves. */
  readonly means?: { readonly until: number; readonly everyMs: number };
  readonly signal?: AbortSignal;
}

/** The past, wherever it is kept: batches in the order of time, each not large. */
export interface HistorySource {
  read(request: HistoryRequest): AsyncIterable<readonly Recorded[]>;
}

/** A past that is in memory, for tests and for what a message brings along. */
export function historyOf(recorded: readonly Recorded[]): HistorySource {
  return {
    async *read({ from, to }) {
      yield recorded.filter((one) => momentOf(one) >= from && momentOf(one) < to);
    },
  };
}

export function momentOf(recorded: Recorded): number {
  return 'sample' in recorded ? recorded.sample.at : recorded.event.at;
}

/** What rules have to see to judge a range as they would have. */
export function pastOf(rules: readonly Rule[], { from, to }: Range): HistoryRequest {
  const before = Math.max(...rules.map((rule) => holdMs(rule) + memoryMs(rule)));
  const means = meansOf(rules, from);
  return { from: from - before, to, wanted: merged(rules.flatMap(wantedBy)), ...(means && { means }) };
}

function wantedBy(rule: Rule): HistoryRequest['wanted'] {
  const events = { measurement: 'event', fields: ['count'] } as const;
  if (rule.kind === 'event-count') return [events];
  if (rule.kind === 'state') return [{ measurement: 'vm', fields: ['state'] }, events];
  if (!('measurement' in rule) || rule.measurement === undefined) return [];
  const { field, of } = rule.value ?? {};
  return [{ measurement: rule.measurement, fields: [field, of].filter((name) => name !== undefined) }];
}

/** One look at each measurement; without a field any sample counts. */
function merged(wanted: HistoryRequest['wanted']): HistoryRequest['wanted'] {
  return [...Map.groupBy(wanted, ({ measurement }) => measurement)].map(([measurement, all]) => {
    const isAny = all.some(({ fields }) => fields.length === 0);
    return { measurement, fields: isAny ? [] : [...new Set(all.flatMap(({ fields }) => fields))] };
  });
}

/** Kinds that learn from means alone need no more of the time that they learn from. */
function meansOf(rules: readonly Rule[], from: number): HistoryRequest['means'] {
  const widths = rules.map((rule) => {
    if (rule.kind === 'anomaly') return quarterMs;
    return rule.kind === 'forecast' ? bucketMsOf(rule) : 0;
  });
  const everyMs = Math.min(...widths);
  return everyMs < 60_000 ? undefined : { until: from - Math.max(...rules.map(holdMs)), everyMs };
}

/** What may be pending, or go on firing, when the range begins. */
function holdMs({ forSeconds = 0, keepFiringForSeconds = 0 }: Rule): number {
  return (forSeconds + keepFiringForSeconds) * 1000 + 3_600_000;
}

function memoryMs(rule: Rule): number {
  switch (rule.kind) {
    case 'rate':
      return rule.overSeconds * 2000;
    case 'event-count':
      return rule.windowSeconds * 1000;
    case 'forecast':
      return rule.pastSeconds * 1000;
    case 'anomaly':
      return (rule.weeks ?? 4) * 7 * 86_400_000;
    case 'absence':
    case 'state':
      return Math.max(...rule.levels.map(({ threshold }) => threshold)) * 1000;
    default:
      return 0;
  }
}
