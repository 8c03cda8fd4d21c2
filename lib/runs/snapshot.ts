import { masked } from '../access/audit/mask.ts';
import { toPlain } from './plain.ts';

export interface Snapshot {
  readonly message: unknown;
  /** What of it is masked, shortened or left out. */
  readonly altered: readonly string[];
}

/** Characters of JSON that are kept of a message. */
const mostOfMessage = 8 * 1024;
const mostNamed = 20;

/** A message to be looked at later: plain, small and without its secrets. */
export function snapshotOf(message: unknown): Snapshot {
  const { value, left } = toPlain(message, mostOfMessage);
  const shown = masked(value);
  const altered = [...left];
  compare(value, shown, 'msg', altered);
  return { message: shown, altered: altered.slice(0, mostNamed) };
}

/** What masking puts in a text's place, alone or within it: a message that is sent again brings it along. */
const mask = /\*\*\*|^\d+ characters, /;

function compare(value: unknown, shown: unknown, path: string, altered: string[]): void {
  if (typeof value === 'string' && mask.test(value)) altered.push(path);
  else if (value === shown) return;
  else comparedParts(value, shown, path, altered);
}

function comparedParts(value: unknown, shown: unknown, path: string, altered: string[]): void {
  if (typeof value !== 'object' || value === null || typeof shown !== 'object' || shown === null) {
    altered.push(path);
    return;
  }
  const parts = new Map(Object.entries(shown));
  const isList = Array.isArray(value);
  for (const [name, part] of Object.entries(value)) {
    compare(part, parts.get(name), isList ? `${path}[${name}]` : `${path}.${name}`, altered);
  }
}
