import { VirtflowError } from '../../lib/model/errors.ts';
import { measurements, type Sample } from '../../lib/model/reading.ts';

/** A sample or a list of samples, as a metrics node sends them. @throws MESSAGE_INVALID */
export function samplesOf(payload: unknown): readonly Sample[] {
  const all: readonly unknown[] = Array.isArray(payload) ? payload : [payload];
  return all.map(sampleOf);
}

function sampleOf(value: unknown): Sample {
  if (isSample(value)) return value;
  throw new VirtflowError('MESSAGE_INVALID', {
    reason: 'msg.payload is not a sample { measurement, tags, at, fields }, nor a list of them',
  });
}

function isSample(value: unknown): value is Sample {
  if (typeof value !== 'object' || value === null) return false;
  if (!('measurement' in value && 'tags' in value && 'at' in value && 'fields' in value)) return false;
  return (
    measurements.some((one) => one === value.measurement) &&
    Number.isFinite(value.at) &&
    holdsOnly(value.tags, 'string') &&
    holdsOnly(value.fields, 'number')
  );
}

function holdsOnly(value: unknown, type: 'string' | 'number'): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === type);
}
