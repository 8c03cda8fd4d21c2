import type { TObject } from 'typebox';
import { VirtflowError } from '../../model/errors.ts';

/**
 * Reads a query string by the types that a schema declares: `?limit=5&state=failed,partial`. A list is written with
 * commas or said several times; anything else that is said twice is refused, for one of the two would count for nothing.
 * @throws PARAMETER_INVALID
 */
export function readQuery(schema: TObject, search: URLSearchParams): Record<string, unknown> {
  // Without a prototype, for a name such as `__proto__` must not set one.
  const read: Record<string, unknown> = Object.create(null);
  for (const name of new Set(search.keys())) {
    const type = typeOf(schema, name);
    const texts = search.getAll(name);
    if (type === 'array') read[name] = texts.flatMap((text) => text.split(','));
    else if (texts.length > 1) throw invalid(name, 'it is said more than once');
    else read[name] = readValue(type, texts[0] ?? '');
  }
  return read;
}

function typeOf({ properties }: TObject, name: string): unknown {
  const property: object | undefined = Object.hasOwn(properties, name) ? properties[name] : undefined;
  return property && 'type' in property ? property.type : undefined;
}

/** What cannot be read as its type stays a text, and is refused as one. */
function readValue(type: unknown, text: string): unknown {
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function invalid(parameter: string, reason: string): VirtflowError {
  return new VirtflowError('PARAMETER_INVALID', { parameter: parameter.slice(0, 100), reason });
}
