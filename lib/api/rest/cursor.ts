import { VirtflowError } from '../../model/errors.ts';
import type { Answer, RawCall } from './route.ts';

/** A place in a list, as a text that nobody needs to understand. */
export function writeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws PARAMETER_INVALID */
export function readCursor(text: string, isPlace: (place: readonly unknown[]) => boolean): readonly unknown[] {
  const place = decode(text);
  if (Array.isArray(place) && isPlace(place)) return place;
  throw new VirtflowError('PARAMETER_INVALID', {
    parameter: 'cursor',
    reason: 'it is not the `next` of an earlier answer',
  });
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** A page of a list, with a link to the next one (RFC 8288). */
export function pageAnswer(items: readonly unknown[], next: string | null, call: PageCall, path: string): Answer {
  const body = { items, next };
  if (next === null) return { status: 200, body };
  const search = new URLSearchParams(call.search);
  search.set('cursor', next);
  return { status: 200, body, headers: { link: `<${call.base}${path}?${search}>; rel="next"` } };
}

type PageCall = Pick<RawCall, 'base' | 'search'>;
