/** A mean in the making; null before the first figure. */
export type OpenMean = {
  readonly bucket: number;
  readonly count: number;
  readonly moment: number;
  readonly value: number;
} | null;

/** Means of stretches of time: a moment and its mean in turn, and the one in the making. */
export interface Means {
  /** The same list until a mean is closed. */
  readonly closed: number[];
  readonly open: OpenMean;
}

export interface Averaged {
  readonly open: NonNullable<OpenMean>;
  /** The mean that the new value has closed. */
  readonly closed?: NonNullable<OpenMean>;
}

/** Takes a value into the mean of its stretch of time, and closes that of the stretch before. */
export function average(open: OpenMean, bucketMs: number, at: number, value: number): Averaged {
  const bucket = Math.floor(at / bucketMs);
  if (open?.bucket === bucket) {
    const count = open.count + 1;
    const moment = open.moment + (at - open.moment) / count;
    return { open: { bucket, count, moment, value: open.value + (value - open.value) / count } };
  }
  const begun = { bucket, count: 1, moment: at, value };
  return open ? { open: begun, closed: open } : { open: begun };
}

/** Takes a value in, and forgets the means of before `keptMs` ago. */
export function withValue(known: Means, bucketMs: number, keptMs: number, at: number, value: number): Means {
  const { open, closed } = average(known.open, bucketMs, at, value);
  if (!closed) return { closed: known.closed, open };
  return { closed: since(at - keptMs, [...known.closed, closed.moment, closed.value]), open };
}

/** Those of the means that are not older. */
export function since(moment: number, closed: number[]): number[] {
  let first = 0;
  for (; (closed[first] ?? moment) < moment; first += 2);
  return closed.slice(first);
}

export interface Line {
  /** On the line at the moment of the last sample. */
  readonly now: number;
  readonly perDay: number;
  readonly spanMs: number;
  readonly means: number;
}

const dayMs = 86_400_000;

/** Least squares, about the last mean for the sake of precision: moments are large numbers. */
export function lineThrough({ closed, open }: Means): Line | undefined {
  if (!open) return undefined;
  const means = closed.length / 2 + 1;
  if (means < 2) return undefined;
  let [t, v, tt, tv] = [0, open.value, 0, 0];
  for (let index = 0; index < closed.length; index += 2) {
    const moment = ((closed[index] ?? 0) - open.moment) / dayMs;
    const value = closed[index + 1] ?? 0;
    t += moment;
    v += value;
    tt += moment * moment;
    tv += moment * value;
  }
  const perDay = (means * tv - t * v) / (means * tt - t * t);
  return { now: (v - perDay * t) / means, perDay, spanMs: open.moment - (closed[0] ?? open.moment), means };
}

/** What stands for never: a hundred years. */
export const neverDays = 36_500;

/** In how many days a line that goes on as it does reaches a mark; 0 when it is there. */
export function daysUntil(mark: number, direction: 'above' | 'below', { now, perDay }: Line): number {
  const way = direction === 'above' ? mark - now : now - mark;
  const speed = direction === 'above' ? perDay : -perDay;
  if (way <= 0) return 0;
  return speed > 0 ? Math.min(neverDays, way / speed) : neverDays;
}
