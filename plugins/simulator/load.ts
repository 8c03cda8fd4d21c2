import { hash, unit } from './random.ts';

/**
 * Load of a VM as a pure function of its seed and the simulated time. A rate is a mix of four parts: a constant, the
 * course of the day (weekends are quieter), noise, and spikes. Each part has an integral in closed form, so that a
 * counter can be read at any moment without having been followed, and always agrees with the rate.
 */
export interface LoadPattern {
  /** UTC hour of the busiest moment. */
  readonly peakHour: number;
  /** Share of a working day that a Saturday and a Sunday have. */
  readonly weekend: number;
  /** One spike in each slot, at a time that differs from slot to slot within the window. */
  readonly spike: {
    readonly slotSeconds: number;
    readonly lengthSeconds: number;
    readonly earliestSeconds: number;
    readonly latestSeconds: number;
  };
}

/** How much of each part a rate has. */
export interface Mix {
  readonly constant: number;
  readonly day: number;
  readonly noise: number;
  readonly spike: number;
}

/** The four parts at a moment, or their integrals (then in seconds). The constant part is 1, and its integral time. */
export type Parts = Mix;

export const noParts: Parts = { constant: 0, day: 0, noise: 0, spike: 0 };

export function mixed(mix: Mix, parts: Parts): number {
  return mix.constant * parts.constant + mix.day * parts.day + mix.noise * parts.noise + mix.spike * parts.spike;
}

export function plus(a: Parts, b: Parts): Parts {
  return {
    constant: a.constant + b.constant,
    day: a.day + b.day,
    noise: a.noise + b.noise,
    spike: a.spike + b.spike,
  };
}

export function minus(a: Parts, b: Parts): Parts {
  return {
    constant: a.constant - b.constant,
    day: a.day - b.day,
    noise: a.noise - b.noise,
    spike: a.spike - b.spike,
  };
}

/** The parts at `atMs`: day and spike from 0 to 1, noise from -1 to 1. */
export function partsAt(pattern: LoadPattern, seed: number, atMs: number): Parts {
  const seconds = atMs / 1000;
  return {
    constant: 1,
    day: dayAt(pattern, seconds),
    noise: noiseAt(seed, seconds),
    spike: spikeAt(pattern, seed, seconds),
  };
}

/** The integrals of the parts from the epoch to `atMs`, in seconds. */
export function integralsAt(pattern: LoadPattern, seed: number, atMs: number): Parts {
  const seconds = atMs / 1000;
  return {
    constant: seconds,
    day: dayUntil(pattern, seconds),
    noise: noiseUntil(seed, seconds),
    spike: spikeUntil(pattern, seed, seconds),
  };
}

const daySeconds = 86_400;
const radiansPerSecond = (2 * Math.PI) / daySeconds;
/** 1970-01-01, the first day of the epoch, was a Thursday: Saturday and Sunday are the third and fourth. */
const isWeekend = (day: number) => day % 7 === 2 || day % 7 === 3;

/** A squared raised cosine: a broad night, and a day with one summit. */
function dayAt(pattern: LoadPattern, seconds: number): number {
  const day = Math.floor(seconds / daySeconds);
  const angle = (seconds - day * daySeconds - pattern.peakHour * 3600) * radiansPerSecond;
  return weightOf(pattern, day) * ((1 + Math.cos(angle)) / 2) ** 2;
}

/** Of a whole day; the cosines cancel out. */
const areaOfDay = (3 / 8) * daySeconds;

function dayUntil(pattern: LoadPattern, seconds: number): number {
  const day = Math.floor(seconds / daySeconds);
  const begun = areaWithin(pattern, seconds - day * daySeconds) - areaWithin(pattern, 0);
  return weightsBefore(pattern, day) * areaOfDay + weightOf(pattern, day) * begun;
}

/** The antiderivative of the day's course. */
function areaWithin(pattern: LoadPattern, secondsOfDay: number): number {
  const since = secondsOfDay - pattern.peakHour * 3600;
  const angle = since * radiansPerSecond;
  return (3 / 8) * since + (Math.sin(angle) / 2 + Math.sin(2 * angle) / 16) / radiansPerSecond;
}

function weightOf(pattern: LoadPattern, day: number): number {
  return isWeekend(day) ? pattern.weekend : 1;
}

function weightsBefore(pattern: LoadPattern, day: number): number {
  const weeks = Math.floor(day / 7);
  let weights = weeks * (5 + 2 * pattern.weekend);
  for (let of = weeks * 7; of < day; of += 1) weights += weightOf(pattern, of);
  return weights;
}

/** Each octave is a whole sine in each cell, of a height that is the cell's own: over whole cells it sums up to 0. */
const octaves = [
  { cellSeconds: 47, share: 0.35 },
  { cellSeconds: 311, share: 0.35 },
  { cellSeconds: 2_423, share: 0.3 },
];

function noiseAt(seed: number, seconds: number): number {
  let noise = 0;
  for (const { cellSeconds, share } of octaves) {
    const cell = Math.floor(seconds / cellSeconds);
    noise += share * heightOf(seed, cell, cellSeconds) * Math.sin(2 * Math.PI * (seconds / cellSeconds - cell));
  }
  return noise;
}

function noiseUntil(seed: number, seconds: number): number {
  let area = 0;
  for (const { cellSeconds, share } of octaves) {
    const cell = Math.floor(seconds / cellSeconds);
    const begun = (1 - Math.cos(2 * Math.PI * (seconds / cellSeconds - cell))) / (2 * Math.PI);
    area += share * heightOf(seed, cell, cellSeconds) * begun * cellSeconds;
  }
  return area;
}

/** From -1 to 1. */
function heightOf(seed: number, cell: number, octave: number): number {
  return 2 * unit(seed, cell, octave) - 1;
}

function spikeAt({ spike }: LoadPattern, seed: number, seconds: number): number {
  const slot = Math.floor(seconds / spike.slotSeconds);
  const since = seconds - slot * spike.slotSeconds - spikeBegin(spike, seed, slot);
  return since >= 0 && since < spike.lengthSeconds ? 1 : 0;
}

function spikeUntil({ spike }: LoadPattern, seed: number, seconds: number): number {
  const slot = Math.floor(seconds / spike.slotSeconds);
  const since = seconds - slot * spike.slotSeconds - spikeBegin(spike, seed, slot);
  return slot * spike.lengthSeconds + Math.min(Math.max(since, 0), spike.lengthSeconds);
}

/** Seconds from the slot's begin; a spike ends within its slot. */
function spikeBegin(spike: LoadPattern['spike'], seed: number, slot: number): number {
  const latest = Math.min(spike.latestSeconds, spike.slotSeconds - spike.lengthSeconds);
  const span = Math.max(0, latest - spike.earliestSeconds);
  return spike.earliestSeconds + (hash(seed, slot, spike.slotSeconds) / 2 ** 32) * span;
}
