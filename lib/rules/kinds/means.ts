import type { Open } from '../memory.ts';

export interface Averaged {
  readonly open: NonNullable<Open>;
  /** The mean that the new value has closed. */
  readonly closed?: { readonly bucket: number; readonly moment: number; readonly value: number };
}

/** Takes a value into the mean of its stretch of time, and closes that of the stretch before. */
export function average(open: Open, bucketMs: number, at: number, value: number): Averaged {
  const bucket = Math.floor(at / bucketMs);
  if (open?.bucket === bucket) {
    const count = open.count + 1;
    const moment = open.moment + (at - open.moment) / count;
    return { open: { bucket, count, moment, value: open.value + (value - open.value) / count } };
  }
  const begun = { bucket, count: 1, moment: at, value };
  return open ? { open: begun, closed: open } : { open: begun };
}
