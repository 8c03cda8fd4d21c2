import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeSet } from '../../nodes/forms/node-description.ts';
import { type Catalogue, sharedWords, wordsOf } from '../../nodes/forms/words.ts';
import { nodeSets } from '../../nodes/sets.ts';

export const languages = ['en-US', 'de'] as const;
export type Language = (typeof languages)[number];

const locales = join(import.meta.dirname, '../../nodes/locales');

/**
 * The words of a set. English ones come from the descriptions, German ones from files of the same shape; what several
 * sets share stands in `common`.
 */
export function catalogueOf(set: NodeSet, language: Language): Catalogue {
  const common = readCatalogue(join(locales, language, 'common.json'));
  if (language !== 'en-US') return { ...common, ...readCatalogue(join(locales, language, `${set.folder}.json`)) };
  const shared = { fields: sharedWords(nodeSets.flatMap(({ nodes }) => nodes)) };
  return { ...common, common: shared, ...Object.fromEntries(set.nodes.map((node) => [node.type, wordsOf(node)])) };
}

export function readCatalogue(file: string): Catalogue {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (isCatalogue(parsed)) return parsed;
  throw new Error(`${file} holds something that is neither a text nor an object`);
}

/** The text at a path of keys. @throws when there is none */
export function word(catalogue: Catalogue, path: string): string {
  const found = path
    .split('.')
    .reduce<string | Catalogue | undefined>((at, key) => (typeof at === 'object' ? at[key] : undefined), catalogue);
  if (typeof found === 'string') return found;
  throw new Error(`the catalogue has no text at ${path}`);
}

/** Every key of a catalogue, as a path. */
export function keysOf(catalogue: Catalogue, prefix = ''): string[] {
  return Object.entries(catalogue).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${prefix}${key}`] : keysOf(value, `${prefix}${key}.`),
  );
}

function isCatalogue(value: unknown): value is Catalogue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === 'string' || isCatalogue(one));
}
