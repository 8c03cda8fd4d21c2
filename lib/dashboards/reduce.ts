import type { Cell } from './frame.ts';

type Reducer = (values: readonly number[]) => number | null;

const sum: Reducer = (values) => values.reduce((total, value) => total + value, 0);

/** Grafana's reducers, by their ids, over the values that are there. */
const reducers: Readonly<Record<string, Reducer>> = {
  sum,
  count: (values) => values.length,
  min: (values) => values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
  max: (values) => values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  mean: (values) => sumOf(values) / values.length,
  first: (values) => values[0] ?? null,
  firstNotNull: (values) => values[0] ?? null,
  last: (values) => values.at(-1) ?? null,
  lastNotNull: (values) => values.at(-1) ?? null,
};

function sumOf(values: readonly number[]): number {
  return sum(values) ?? 0;
}

export function isReducer(id: string): boolean {
  return Object.hasOwn(reducers, id);
}

export function reduceCells(reducer: string, cells: readonly Cell[]): number | null {
  const values = cells.filter((cell) => typeof cell === 'number');
  if (values.length === 0) return reducer === 'count' ? 0 : null;
  return isReducer(reducer) ? (reducers[reducer]?.(values) ?? null) : null;
}
