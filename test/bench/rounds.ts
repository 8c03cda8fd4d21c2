export interface RoundOptions {
  readonly count: number;
  /** Rounds that are thrown away, for compilers and caches. */
  readonly warmUp: number;
}

/**
 * Measures all contenders in each round, so that what else the machine does meets them all alike; every other round
 * goes backwards, for the one that comes first may pay for the others.
 * @returns for each contender a number for each round
 */
export async function rounds<N extends string>(
  contenders: Readonly<Record<N, () => Promise<number>>>,
  options: RoundOptions,
): Promise<Record<N, number[]>> {
  const names = Object.keys(contenders) as N[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<N, number[]>;
  for (let round = -options.warmUp; round < options.count; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await contenders[name]();
      if (round >= 0) values[name].push(value);
    }
  }
  return values;
}
