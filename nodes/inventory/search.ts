import type { AnyObject } from '../../lib/model/objects.ts';

/**
 * Objects whose name, tag, id or connection holds each of the typed words; a name that begins with what was typed comes
 * first.
 */
export function searchObjects<T extends AnyObject>(
  objects: readonly T[],
  typed: string,
  limit: number,
): { total: number; found: T[] } {
  const words = typed
    .toLowerCase()
    .split(/[\s/]+/)
    .filter(Boolean);
  const [first = ''] = words;
  const matching = objects.filter((object) => {
    const text = `${object.connection}/${object.name} ${tagsOf(object)} ${object.id}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const rank = (object: T) => (object.name.toLowerCase().startsWith(first) ? 0 : 1);
  matching.sort((a, b) => rank(a) - rank(b) || collator.compare(a.name, b.name));
  return { total: matching.length, found: matching.slice(0, limit) };
}

function tagsOf(object: AnyObject): string {
  return 'tags' in object ? object.tags.join(' ') : '';
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
