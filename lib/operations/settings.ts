import { VirtflowError } from '../model/errors.ts';
import type { OperationsSettings } from './operations.ts';

/** What people may say otherwise about operations, in whole numbers, with the least and the most. */
const known = {
  parallelPerConnection: { least: 1, most: 1000 },
  queuedAtMostSeconds: { least: 1, most: 7 * 24 * 3600 },
  historyDays: { least: 1, most: 3650 },
} as const;
type Name = keyof typeof known;

export type ChosenOperationsSettings = Partial<
  Pick<OperationsSettings, 'parallelPerConnection' | 'queuedAtMostMs' | 'historyDays'>
>;

/** Reads the setting `operations`: `{ parallelPerConnection, queuedAtMostSeconds, historyDays }`. @throws OPTION_INVALID */
export function parseOperationsSettings(value: unknown): ChosenOperationsSettings {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('operations', 'it is not an object');
  const chosen: Partial<Record<Name, number>> = {};
  for (const [name, given] of Object.entries(value)) chosen[nameOf(name)] = numberOf(nameOf(name), given);
  const { queuedAtMostSeconds, ...rest } = chosen;
  return { ...rest, ...(queuedAtMostSeconds === undefined ? {} : { queuedAtMostMs: queuedAtMostSeconds * 1000 }) };
}

function nameOf(name: string): Name {
  if (isName(name)) return name;
  throw invalid(`operations.${name.slice(0, 50)}`, `there are ${Object.keys(known).join(', ')}`);
}

function numberOf(name: Name, given: unknown): number {
  const { least, most } = known[name];
  if (typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most) return given;
  throw invalid(`operations.${name}`, `a whole number from ${least} to ${most} is needed`);
}

function isName(name: string): name is Name {
  return Object.hasOwn(known, name);
}

function invalid(option: string, reason: string): VirtflowError {
  return new VirtflowError('OPTION_INVALID', { option, reason });
}
