import type { Sample } from '../model/reading.ts';
import type { WriteOutcome } from './writer.ts';

export type BadOutcome = Extract<WriteOutcome, { type: 'bad' }>;
export type FailedOutcome = Extract<WriteOutcome, { type: 'away' | 'denied' }>;

/**
 * Finds out which samples of a refused batch the server does not take, by writing smaller and smaller parts of it; the
 * others are written when it returns. Answers how it failed when the server went away meanwhile.
 */
export async function sift(
  samples: readonly Sample[],
  outcome: BadOutcome,
  write: (part: readonly Sample[]) => Promise<WriteOutcome>,
): Promise<readonly Sample[] | FailedOutcome> {
  if (samples.length <= 1 || outcome.dropped === samples.length) return samples;
  const refused: Sample[] = [];
  for (const part of parts(samples)) {
    const answer = await write(part);
    if (answer.type === 'written') continue;
    if (answer.type !== 'bad') return answer;
    const found = await sift(part, answer, write);
    if ('type' in found) return found;
    refused.push(...found);
  }
  return refused;
}

/** Samples of the same fields share their fate in a conflict of types, so those come apart first, and halves after. */
function parts(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  const alike = Map.groupBy(samples, (sample) => `${sample.measurement} ${Object.keys(sample.fields).join()}`);
  if (alike.size > 1) return [...alike.values()];
  const middle = Math.ceil(samples.length / 2);
  return [samples.slice(0, middle), samples.slice(middle)];
}
