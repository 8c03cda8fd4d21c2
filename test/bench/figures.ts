/** One line of the report. */
export interface Figure {
  readonly what: string;
  /** Median over all rounds. */
  readonly value: number;
  readonly unit: Unit;
  /** What it is held against, and the median over all rounds of how it compares. */
  readonly against?: Comparison;
  readonly aim?: Aim;
}

export type Unit = 'ms' | 'µs' | 'MiB' | '/s' | '% of a core' | 'rounds' | 'samples';

export type Comparison =
  | { readonly kind: 'ratio'; readonly to: string; readonly value: number }
  /** In the figure's unit. */
  | { readonly kind: 'difference'; readonly to: string; readonly value: number };

export interface Aim {
  readonly says: string;
  readonly met: boolean;
}

/** An upper limit for what a figure is compared by. */
export interface Limit {
  readonly atMost: number;
  /** The limit itself does not do. */
  readonly below?: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[half]];
  return (low + high) / 2;
}

/** A value that stands for itself. */
export function plain(what: string, values: readonly number[], unit: Unit): Figure {
  return { what, value: median(values), unit };
}

export interface Reference {
  readonly name: string;
  readonly values: readonly number[];
}

/** How often as much as the reference, round by round. */
export function ratio(
  what: string,
  values: readonly number[],
  unit: Unit,
  reference: Reference,
  limit?: Limit,
): Figure {
  const value = median(values.map((one, round) => one / (reference.values[round] ?? Number.NaN)));
  const against: Comparison = { kind: 'ratio', to: reference.name, value };
  return { ...plain(what, values, unit), against, ...aim(limit, value, '×') };
}

/** How much more than the reference, round by round. */
export function difference(
  what: string,
  values: readonly number[],
  unit: Unit,
  reference: Reference,
  limit?: Limit,
): Figure {
  const value = median(values.map((one, round) => one - (reference.values[round] ?? Number.NaN)));
  const against: Comparison = { kind: 'difference', to: reference.name, value };
  return { ...plain(what, values, unit), against, ...aim(limit, value, ` ${unit}`) };
}

/** A value that stands for itself and must not be more. */
export function atMost(what: string, value: number, unit: Unit, most: number): Figure {
  return { what, value, unit, ...aim({ atMost: most }, value, ` ${unit}`) };
}

function aim(limit: Limit | undefined, value: number, unit: string): { aim?: Aim } {
  if (!limit) return {};
  const met = limit.below ? value < limit.atMost : value <= limit.atMost;
  return { aim: { says: `${limit.below ? '<' : '≤'} ${limit.atMost}${unit}`, met } };
}
