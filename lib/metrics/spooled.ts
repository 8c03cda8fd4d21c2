import type { Sample } from '../model/reading.ts';
import type { SpoolEntry } from '../store/spool.ts';

/** Of JavaScript; no store has later ones. */
const lastMoment = 8.64e15;

/** Samples as they wait on disk, so many in an entry at most; figures and moments that are none are left out. */
export function spoolEntries(samples: readonly Sample[], samplesInAnEntry: number): SpoolEntry[] {
  const entries: SpoolEntry[] = [];
  const storable = samples.flatMap(withNumbersOnly);
  for (let from = 0; from < storable.length; from += samplesInAnEntry) {
    const part = storable.slice(from, from + samplesInAnEntry);
    entries.push({ items: part.length, body: JSON.stringify(part) });
  }
  return entries;
}

function withNumbersOnly(sample: Sample): Sample | [] {
  if (!(Math.abs(sample.at) <= lastMoment)) return [];
  const fields = Object.entries(sample.fields);
  const numbers = fields.filter(([, value]) => Number.isFinite(value));
  if (numbers.length === 0) return [];
  return numbers.length === fields.length ? sample : { ...sample, fields: Object.fromEntries(numbers) };
}

/** Reads what `spoolEntries` wrote; undefined when it is something else. */
export function readSamples(body: string): readonly Sample[] | undefined {
  const samples = parsed(body);
  return Array.isArray(samples) && samples.every(isSample) ? samples : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isSample(value: unknown): value is Sample {
  if (!isRecord(value)) return false;
  const { measurement, at, tags, fields } = value;
  return typeof measurement === 'string' && typeof at === 'number' && isRecord(tags) && isRecord(fields);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
